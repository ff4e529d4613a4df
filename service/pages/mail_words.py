"""The words of mail to moderators, and of the pages its links lead to, in the languages of the console."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

MailLanguage = Literal["en", "de", "ar"]


@dataclass(frozen=True)
class MailWords:
    """One language. `{name}` and the like stand for what is put in; a plural has its forms in `plural`'s order."""

    language: MailLanguage
    is_right_to_left: bool
    actions: Mapping[str, str]
    levels: Mapping[str, str]
    skip: str
    open_in_console: str
    somebody: str
    subject_digest: tuple[str, ...]
    subject_one: str
    subject_many: tuple[str, ...]
    hello: str
    open: tuple[str, ...]
    most_pressing: str
    under: str
    about: str
    caution: str
    queue: str
    stop: str
    decide_as: str
    instead: str
    reason: str
    no_reason: str
    note: str
    done: Mapping[str, str]
    done_title: str
    to_queue: str
    stop_title: str
    stop_button: str
    stop_again: str
    stopped: str
    to_console: str

    @property
    def direction(self) -> str:
        """As `dir` in HTML."""
        return "rtl" if self.is_right_to_left else "ltr"

    def counted(self, forms: tuple[str, ...], count: int, **more: object) -> str:
        """The form for a number, with the number and the rest put in."""
        return forms[_PLURALS[self.language](count)].format(n=count, **more)


def _two(count: int) -> int:
    return 0 if count == 1 else 1


def _arabic(count: int) -> int:
    """Zero, one, two, few, many, other, as in Unicode's CLDR."""
    if count < 3:
        return count
    rest = count % 100
    return 3 if 3 <= rest <= 10 else 4 if rest >= 11 else 5


_PLURALS = {"en": _two, "de": _two, "ar": _arabic}

_ENGLISH = MailWords(
    language="en",
    is_right_to_left=False,
    actions={"approve": "Approve", "reject": "Reject", "remove": "Remove"},
    levels={"high": "high", "medium": "medium", "low": "low"},
    skip="Skip to the content",
    open_in_console="Open in the console",
    somebody="Somebody",
    subject_digest=("{site}: {n} open case", "{site}: {n} open cases"),
    subject_one="{site}: a {level} case",
    subject_many=("{site}: {n} new case", "{site}: {n} new cases"),
    hello="Hello {name},",
    open=("{n} case is open at {site}.", "{n} cases are open at {site}."),
    most_pressing="The most pressing:",
    under="under",
    about="{level}, due {due}",
    caution=(
        "A link opens a page that asks once more; opening it changes nothing. It works once, for {hours} hours, and for"
        " you: do not pass this mail on."
    ),
    queue="The queue in the console",
    stop="No more of these mails",
    decide_as="You decide as {name}. Nothing has happened yet.",
    instead="Open the console instead",
    reason="Reason",
    no_reason="None in particular",
    note="A note to the author (optional)",
    done={
        "approve": "Approved. Everybody can read it.",
        "reject": "Rejected. Only its author and the team see it.",
        "remove": "Removed. Only its author and the team see it.",
    },
    done_title="Done",
    to_queue="To the queue",
    stop_title="No more mail about cases of {site}?",
    stop_button="Stop these mails",
    stop_again="You can ask for them again in the console.",
    stopped="You will get no more of these mails.",
    to_console="To the console",
)

_GERMAN = MailWords(
    language="de",
    is_right_to_left=False,
    actions={"approve": "Freigeben", "reject": "Ablehnen", "remove": "Entfernen"},
    levels={"high": "dringend", "medium": "mittel", "low": "gering"},
    skip="Zum Inhalt",
    open_in_console="In der Konsole öffnen",
    somebody="Jemand",
    subject_digest=("{site}: {n} offener Fall", "{site}: {n} offene Fälle"),
    subject_one="{site}: ein Fall ({level})",
    subject_many=("{site}: {n} neuer Fall", "{site}: {n} neue Fälle"),
    hello="Guten Tag {name},",
    open=("{n} Fall ist bei {site} offen.", "{n} Fälle sind bei {site} offen."),
    most_pressing="Die dringendsten:",
    under="unter",
    about="{level}, fällig {due}",
    caution=(
        "Ein Link öffnet eine Seite, die noch einmal nachfragt; das Öffnen ändert nichts. Er wirkt einmal, {hours}"
        " Stunden lang und nur für Sie: Leiten Sie diese Mail nicht weiter."
    ),
    queue="Die Warteschlange in der Konsole",
    stop="Keine solchen Mails mehr",
    decide_as="Sie entscheiden als {name}. Noch ist nichts geschehen.",
    instead="Stattdessen die Konsole öffnen",
    reason="Grund",
    no_reason="Kein bestimmter",
    note="Eine Nachricht an die Autorin oder den Autor (freiwillig)",
    done={
        "approve": "Freigegeben. Alle können es lesen.",
        "reject": "Abgelehnt. Nur wer es geschrieben hat und das Team sehen es.",
        "remove": "Entfernt. Nur wer es geschrieben hat und das Team sehen es.",
    },
    done_title="Erledigt",
    to_queue="Zur Warteschlange",
    stop_title="Keine Mails mehr über Fälle von {site}?",
    stop_button="Diese Mails abbestellen",
    stop_again="In der Konsole können Sie sie wieder bestellen.",
    stopped="Sie bekommen keine solchen Mails mehr.",
    to_console="Zur Konsole",
)

_ARABIC = MailWords(
    language="ar",
    is_right_to_left=True,
    actions={"approve": "قبول", "reject": "رفض", "remove": "إزالة"},
    levels={"high": "عاجل", "medium": "متوسط", "low": "منخفض"},
    skip="إلى المحتوى",
    open_in_console="فتح في لوحة الإشراف",
    somebody="أحدهم",
    subject_digest=(
        "{site}: لا حالات مفتوحة",
        "{site}: حالة مفتوحة واحدة",
        "{site}: حالتان مفتوحتان",
        "{site}: {n} حالات مفتوحة",
        "{site}: {n} حالة مفتوحة",
        "{site}: {n} حالة مفتوحة",
    ),
    subject_one="{site}: حالة واحدة ({level})",
    subject_many=(
        "{site}: لا حالات جديدة",
        "{site}: حالة جديدة",
        "{site}: حالتان جديدتان",
        "{site}: {n} حالات جديدة",
        "{site}: {n} حالة جديدة",
        "{site}: {n} حالة جديدة",
    ),
    hello="مرحبًا {name}،",
    open=(
        "لا توجد حالات مفتوحة في {site}.",
        "توجد حالة مفتوحة واحدة في {site}.",
        "توجد حالتان مفتوحتان في {site}.",
        "توجد {n} حالات مفتوحة في {site}.",
        "توجد {n} حالة مفتوحة في {site}.",
        "توجد {n} حالة مفتوحة في {site}.",
    ),
    most_pressing="الأكثر إلحاحًا:",
    under="تحت",
    about="{level}، الموعد {due}",
    caution=(
        "يفتح الرابط صفحة تسأل مرة أخرى، وفتحه لا يغيّر شيئًا. يعمل مرة واحدة، لمدة {hours} ساعة، ولك وحدك:"
        " لا تُعِد توجيه هذه الرسالة."
    ),
    queue="قائمة الانتظار في لوحة الإشراف",
    stop="لا مزيد من هذه الرسائل",
    decide_as="أنت تقرّر باسم {name}. لم يحدث شيء بعد.",
    instead="فتح لوحة الإشراف بدلًا من ذلك",
    reason="السبب",
    no_reason="بلا سبب محدد",
    note="ملاحظة للكاتب (اختيارية)",
    done={
        "approve": "تم القبول. يمكن للجميع قراءته.",
        "reject": "تم الرفض. لا يراه إلا كاتبه والفريق.",
        "remove": "تمت الإزالة. لا يراه إلا كاتبه والفريق.",
    },
    done_title="تم",
    to_queue="إلى قائمة الانتظار",
    stop_title="إيقاف الرسائل عن حالات {site}؟",
    stop_button="إيقاف هذه الرسائل",
    stop_again="يمكنك طلبها مجددًا من لوحة الإشراف.",
    stopped="لن تصلك هذه الرسائل بعد الآن.",
    to_console="إلى لوحة الإشراف",
)

MAIL_WORDS: Mapping[str, MailWords] = {words.language: words for words in (_ENGLISH, _GERMAN, _ARABIC)}


def mail_words(language: str) -> MailWords:
    """The words of a language; English where there are none."""
    return MAIL_WORDS.get(language, _ENGLISH)
