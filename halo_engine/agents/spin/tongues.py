"""What people say in other languages than English where they ask to wait, to repeat, to do many, to change.

A handful of words a language, those that such requests are made with. What is said in none of these is understood by
its numbers alone.
"""

from __future__ import annotations

from typing import NamedTuple


class Tongue(NamedTuple):
    """The words of a language, as patterns of whole words."""

    wait: str
    often: str
    each: str
    change: str


GERMAN = Tongue(
    wait=r"warte\w*|bis (?:er|sie|es|der|die|das|du|ich|alles?|kein\w*)|beobacht\w*|überwach\w*|"
    r"behalte?\b.{0,20}\bim auge|(?:gib|sag)\w*\b.{0,12}\bbescheid|sobald|jede (?:sekunde|minute|stunde)|"
    r"alle (?:\d+ )?(?:sekunden|minuten|stunden)",
    often=r"immer wieder|manchmal|gelegentlich|ab und zu|wiederhol\w*|mehrmals|wie oft",
    each=r"jede[nrms]?|einzeln|nacheinander|alle|der reihe nach|stapelweise|stückweise",
    change=r"beheb\w*|reparier\w*|korrigier\w*|änder\w*|ersetz\w*|lösch\w*|entfern\w*|benenn\w*|füg\w*|verschieb\w*",
)
FRENCH = Tongue(
    wait=r"attend\w*|jusqu['’][àa] ce qu\w*|surveill\w*|pr[ée]vien\w*|d[èe]s qu\w*|"
    r"toutes les (?:\d+ )?(?:secondes|minutes|heures)|chaque (?:seconde|minute|heure)",
    often=r"parfois|de temps en temps|r[ée]p[èée]t\w*|plusieurs fois|par moments|al[ée]atoire\w*",
    each=r"chaque|chacun\w*|un par un|une par une|tou(?:s|tes)|par lots?",
    change=r"corrig\w*|répar\w*|modifi\w*|remplac\w*|supprim\w*|ajout\w*|renomm\w*|déplac\w*",
)
SPANISH = Tongue(
    wait=r"esper\w*|hasta (?:que|\w+[aei]r(?:lo|la)?)|vigil\w*|av[ií]sa\w*|en cuanto|"
    r"cada (?:\d+ )?(?:segundos?|minutos?|horas?)",
    often=r"a veces|de vez en cuando|rep[ií]t\w*|varias veces|una y otra vez|intermitente\w*",
    each=r"cada (?:un[oa]|fila|archivo)|uno por uno|una por una|tod[oa]s|(?:por|en) lotes",
    change=r"corr[ií][gj]\w*|arregl\w*|repar\w*|cambi\w*|reemplaz\w*|elimin\w*|borr\w*|añad\w*|mueve|mover",
)
ITALIAN = Tongue(
    wait=r"aspett\w*|finch[ée]|sorvegli\w*|avvis\w*|non appena|ogni (?:\d+ )?(?:second[oi]|minut[oi]|or[ae])",
    often=r"a volte|ogni tanto|ripet\w*|più volte|di tanto in tanto",
    each=r"ciascun\w*|ogni|uno alla volta|uno per uno|tutt[ie]",
    change=r"corregg\w*|sistem\w*|ripar\w*|cambi\w*|sostitui\w*|elimin\w*|aggiung\w*|rinomin\w*|spost\w*",
)
PORTUGUESE = Tongue(
    wait=r"aguard\w*|até (?:que|\w+[aei]r)|vigi[ae]\w*|avis[ae]\w*|assim que|"
    r"a cada (?:\d+ )?(?:segundos?|minutos?|horas?)",
    often=r"às vezes|de vez em quando|rep[ei]t\w*|várias vezes",
    each=r"cada (?:um|uma|linha|arquivo)|um por um|uma por uma|tod[oa]s|em lotes",
    change=r"corri[gj]\w*|consert\w*|arrum\w*|mud[ae]\w*|substitu\w*|remov\w*|adicion\w*|renomei\w*",
)
DUTCH = Tongue(
    wait=r"wacht\w*|totdat|tot (?:het|hij|ze|alles)|zodra|hou\w*\b.{0,20}\bin de gaten|"
    r"elke (?:\d+ )?(?:seconden?|minuut|minuten|uur)",
    often=r"soms|af en toe|herhaal\w*|telkens|meerdere keren",
    each=r"ieder\w*|elke?|één voor één|stuk voor stuk|alle",
    change=r"repareer\w*|los\b.{0,30}\bop|corrigeer\w*|wijzig\w*|vervang\w*|verwijder\w*|voeg\w*|hernoem\w*|verplaats\w*",
)
POLISH = Tongue(
    wait=r"czekaj|poczekaj|dopóki|aż|pilnuj|co (?:\d+ )?(?:sekund\w*|minut\w*|godzin\w*)",
    often=r"czasem|czasami|powtarzaj|powtórz|kilka razy",
    each=r"każd\w*|po kolei|jeden po drugim|wszystkie",
    change=r"napraw\w*|popraw\w*|zmie[nń]\w*|usuń|dodaj|przenieś|zastąp\w*",
)
SWEDISH = Tongue(
    wait=r"vänta|tills|bevaka|säg till|varje (?:sekund|minut|timme)",
    often=r"ibland|upprepa\w*|flera gånger",
    each=r"varje|var och en|en i taget|alla",
    change=r"laga|rätta|ändra|ersätt|ta bort|lägg till|flytta",
)
TURKISH = Tongue(
    wait=r"bekle|\w+[ae]n[ae] kadar|her (?:saniye|dakika|saat)",
    often=r"bazen|ara sıra|tekrarla\w*|defalarca",
    each=r"her bir\w*|tek tek|sırayla|hepsini|bütün",
    change=r"düzelt\w*|onar\w*|değiştir\w*|sil|ekle\w*|taşı\w*",
)
RUSSIAN = Tongue(
    wait=r"жди|подожд\w*|пока|следи|кажд\w+ (?:секунд|минут|час)\w*",
    often=r"иногда|время от времени|повтор\w*|несколько раз",
    each=r"кажд\w*|по одному|по очереди|вс[её]х?",
    change=r"исправ\w*|почин\w*|измени\w*|замени\w*|удали\w*|добав\w*|перенес\w*",
)
SPACED = (GERMAN, FRENCH, SPANISH, ITALIAN, PORTUGUESE, DUTCH, POLISH, SWEDISH, TURKISH, RUSSIAN)
"""Languages that put blanks between words."""
JAPANESE = Tongue(
    wait="まで|待って|待つ|ごとに|毎分|毎秒|監視",
    often="繰り返|何度も|ときどき|時々",
    each="ずつ|それぞれ|すべて|全部",
    change="直して|修正|追加|削除|変更",
)
CHINESE = Tongue(
    wait="等到|等待|直到|每分钟|每隔|监控|盯着",
    often="反复|多次|有时|偶尔",
    each="逐个|逐一|每个|一个一个",
    change="修复|修改|添加|删除",
)
KOREAN = Tongue(
    wait="때까지|기다려|마다", often="반복|가끔|여러 번", each="하나씩|각각|모든", change="고쳐|수정|추가|삭제"
)
UNSPACED = (JAPANESE, CHINESE, KOREAN)
"""Languages that put none, or put endings on."""
TIMES = r"mal|fois|veces|vez|volte|vezes|keer|maal|razy?|gånger|kez|kere|раза?"
"""Words behind a number that say how often."""
UNSPACED_TIMES = r"(\d{1,4})\s*(?:回|次|遍|번)"


def said(what: str, english: str) -> str:
    """The pattern of a request in every language: `what` names a field of `Tongue`."""
    spaced = "|".join([english, *(getattr(tongue, what) for tongue in SPACED)])
    return rf"\b(?:{spaced})\b|" + "|".join(getattr(tongue, what) for tongue in UNSPACED)
