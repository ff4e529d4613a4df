"""An article with its discussion, in Flask. `PARLEY_SSO_SECRET` and `PARLEY_WEBHOOK_SECRET` are shown once by `parley`."""

import os

from flask import Flask, Response, abort, jsonify, render_template_string, request, session
from parley import counts, is_from_parley, sign_in_token

app = Flask(__name__)
app.secret_key = os.environ["SECRET_KEY"]
PARLEY, SITE = "https://comments.example.org", "courier"

ARTICLE = """<!doctype html>
<link rel="canonical" href="https://courier.example/{{ slug }}">
<article>…</article>
<div id="parley" data-site="{{ site }}"{% if token %} data-sso="{{ token }}"{% endif %}></div>
<script async src="{{ parley }}/embed.js"></script>
<script>
  document.addEventListener("parley:sso-expired", async () => {
    const answer = await fetch("/comments-token");
    Parley.update({ sso: answer.ok ? await answer.text() : null });
  });
</script>"""


def token_of_reader():
    """The token of who is signed in here, or None."""
    if "user" not in session:
        return None
    user = session["user"]
    return sign_in_token(os.environ["PARLEY_SSO_SECRET"], SITE, user["id"], user["name"], email=user.get("email"))


@app.get("/<slug>")
def article(slug):
    """The page is one reader's own as long as it carries a token: it must not be kept by caches."""
    page = render_template_string(ARTICLE, slug=slug, site=SITE, parley=PARLEY, token=token_of_reader())
    return Response(page, headers={"Cache-Control": "private, no-store"})


@app.get("/comment-counts")
def comment_counts():
    """How many comments the articles of a list have, in one question: `?url=…&url=…`."""
    return jsonify(counts(PARLEY, SITE, request.args.getlist("url")))


@app.get("/comments-token")
def comments_token():
    """A fresh token for the frame."""
    token = token_of_reader()
    return Response(token, mimetype="text/plain") if token else abort(401)


@app.post("/hooks/parley")
def told():
    """What Parley tells: answered at once, worked on afterwards."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    if not is_from_parley(os.environ["PARLEY_WEBHOOK_SECRET"], headers, request.get_data()):
        abort(403)
    app.logger.info("%s", request.get_json()["type"])
    return "", 204
