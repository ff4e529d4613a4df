"""What all endpoints share: the parts of the process, who asks, which site, and how a refusal is answered."""
