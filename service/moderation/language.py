"""The language of a comment, guessed from its script and its commonest words; `und` where that does not tell.

A handful of words is all there often is, so this looks for the small words that every sentence has. A wrong guess
costs little: the case is in the queue of another language, and in that of all.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

UNKNOWN = "und"
_WORD = re.compile(r"[^\W\d_]+")
_LONGEST = 400  # words looked at

# Scripts that tell a language by themselves, by the beginning of their letters' Unicode names.
_SCRIPTS = {
    "GREEK": "el", "HEBREW": "he", "ARABIC": "ar", "THAI": "th", "HANGUL": "ko", "HIRAGANA": "ja", "KATAKANA": "ja",
    "DEVANAGARI": "hi", "GEORGIAN": "ka", "ARMENIAN": "hy", "CJK": "zh", "BENGALI": "bn", "TAMIL": "ta",
}  # fmt: skip
# Words that are common in one language and rare in the others of this list.
_WORDS = {
    "en": "the and is are of to that it this was with for you they have not but what from would there their who will",
    "de": "der die das und ist nicht ein eine ich zu mit auf den dem von sich auch wird sind wie aber wenn nur dass",
    "fr": "le les des et est une du que qui dans pas pour sur avec ce sont mais plus ne au aux nous vous cette être",
    "es": "el los las y es una del que en por con para no se lo pero como más está son muy ya esto hay",
    "it": "il gli di che è una del non per con sono ma come più della anche questo nel alla ho ci perché",
    "pt": "os as e é um uma do da não que em por com para mas como mais isso são ao pelo você está",
    "nl": "het een en is van niet dat de op te zijn voor met maar ook als er wordt deze nog ik wat",
    "sv": "och att det är en som på för inte av med jag har till den men om ett så vi",
    "da": "og at det er en som på for ikke af med jeg har til den men om et så vi der",
    "nb": "og å det er en som på for ikke av med jeg har til den men om et så vi der",
    "fi": "ja on ei se että en mutta kun niin ovat myös hän mitä tämä oli kuin jos ole",
    "pl": "i nie to się na jest że w z do jak co ale tak po za czy od są był już",
    "cs": "a je to se na že v nebo ale jak jsou tak by za jsem co už když",
    "tr": "ve bir bu da de için ne çok ama değil var mi gibi daha olan ben kadar",
    "ro": "și este nu că o în la cu pe de un din mai ce sunt dar pentru",
    "hu": "a az és hogy nem is egy ez meg de csak van mint már ha volt",
}
_SETS = {tag: frozenset(words.split()) for tag, words in _WORDS.items()}


def guess(text: str) -> str:
    """The likeliest language of a text, as a BCP 47 tag, or `und`. Linear in the length of the text, and bounded."""
    words = [found[0].casefold() for found, _ in zip(_WORD.finditer(text), range(_LONGEST), strict=False)]
    scripts = Counter(_script(word[0]) for word in words)
    if not scripts:
        return UNKNOWN
    if scripts["HIRAGANA"] + scripts["KATAKANA"] > 0 and scripts["LATIN"] <= len(words) // 2:
        return "ja"
    script, count = scripts.most_common(1)[0]
    if script == "CYRILLIC":
        return _cyrillic("".join(words))
    if script != "LATIN":
        return _SCRIPTS.get(script, UNKNOWN) if count * 2 > len(words) else UNKNOWN
    return _latin(words)


def _latin(words: list[str]) -> str:
    scores = sorted(((sum(word in common for word in words), tag) for tag, common in _SETS.items()), reverse=True)
    (best, tag), (second, _) = scores[0], scores[1]
    # One small word of five is a chance; a tie tells nothing.
    return tag if best >= 2 and best > second and best * 8 >= len(words) else UNKNOWN


def _cyrillic(letters: str) -> str:
    if any(c in "іїєґ" for c in letters):
        return "be" if "ў" in letters else "uk"
    if any(c in "ђћџљњј" for c in letters):
        return "sr"
    if any(c in "ыэё" for c in letters):
        return "ru"
    return "bg" if "ъ" in letters else "ru"


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").split(" ", 1)[0].split("-", 1)[0]
