"""What people say in other languages where they ask to wait, to repeat, to do many, to change: beside the English words.

A handful of words a language, those that such requests are made with. What is in none of these languages is understood
by its numbers alone.
"""

from __future__ import annotations

WAIT = (
    r"warte\w*|bis (?:er|sie|es|der|die|das|du|ich|alle[s]?|kein\w*)\b|beobacht\w*|überwach\w*|behalte?\b.{0,20}\bim auge|(?:gib|sag)\w*\b.{0,12}\bbescheid|sobald|"
    r"jede (?:sekunde|minute|stunde)|alle (?:\d+ )?(?:sekunden|minuten|stunden)",
    r"attend\w*|jusqu['’][àa] ce qu\w*|surveill\w*|pr[ée]vien\w*|d[èe]s qu\w*|toutes les (?:\d+ )?(?:secondes|minutes|heures)|"
    r"chaque (?:seconde|minute|heure)",
    r"esper\w*|hasta (?:que|\w+[aei]r(?:lo|la)?)\b|vigil\w*|av[ií]sa\w*|en cuanto|cada (?:\d+ )?(?:segundos?|minutos?|horas?)",
    r"aspett\w*|finch[ée]|sorvegli\w*|avvis\w*|non appena|ogni (?:\d+ )?(?:second[oi]|minut[oi]|or[ae])",
    r"aguard\w*|até (?:que|\w+[aei]r)\b|vigi[ae]\w*|avis[ae]\w*|assim que|a cada (?:\d+ )?(?:segundos?|minutos?|horas?)",
    r"wacht\w*|totdat|tot (?:het|hij|ze|alles)\b|zodra|hou\w*\b.{0,20}\bin de gaten|elke (?:\d+ )?(?:seconden?|minuut|minuten|uur)",
    r"czekaj|poczekaj|dopóki|aż\b|pilnuj|co (?:\d+ )?(?:sekund\w*|minut\w*|godzin\w*)",
    r"vänta|tills|bevaka|säg till|varje (?:sekund|minut|timme)",
    r"bekle|\w+[ae]n[ae] kadar|her (?:saniye|dakika|saat)",
    r"жди|подожд\w*|пока\b|следи|кажд\w+ (?:секунд|минут|час)\w*",
)
"""German, French, Spanish, Italian, Portuguese, Dutch, Polish, Swedish, Turkish, Russian; the same below."""
OFTEN = (
    r"immer wieder|manchmal|gelegentlich|ab und zu|wiederhol\w*|mehrmals|wie oft",
    r"parfois|de temps en temps|r[ée]p[èée]t\w*|plusieurs fois|par moments|al[ée]atoire\w*",
    r"a veces|de vez en cuando|rep[ií]t\w*|varias veces|una y otra vez|intermitente\w*",
    r"a volte|ogni tanto|ripet\w*|più volte|di tanto in tanto",
    r"às vezes|de vez em quando|repit\w*|repet\w*|várias vezes",
    r"soms|af en toe|herhaal\w*|telkens|meerdere keren",
    r"czasem|czasami|powtarzaj|powtórz|kilka razy",
    r"ibland|upprepa\w*|flera gånger",
    r"bazen|ara sıra|tekrarla\w*|defalarca",
    r"иногда|время от времени|повтор\w*|несколько раз",
)
EACH = (
    r"jede[nrms]?\b|einzeln|nacheinander|alle\b|der reihe nach|stapelweise",
    r"chaque|chacun\w*|un par un|une par une|tou(?:s|tes)\b|par lots?",
    r"cada (?:un[oa]|fila|archivo)|uno por uno|una por una|tod[oa]s\b|por lotes",
    r"ciascun\w*|ogni\b|uno alla volta|uno per uno|tutt[ie]\b",
    r"cada (?:um|uma|linha|arquivo)|um por um|uma por uma|tod[oa]s\b|em lotes",
    r"ieder\w*|elke?\b|één voor één|stuk voor stuk|alle\b",
    r"każd\w*|po kolei|jeden po drugim|wszystkie",
    r"varje|var och en|en i taget|alla\b",
    r"her bir\w*|tek tek|sırayla|hepsini|bütün",
    r"кажд\w*|по одному|по очереди|вс[её]х?\b",
)
CHANGE = (
    r"beheb\w*|reparier\w*|korrigier\w*|änder\w*|ersetz\w*|lösch\w*|entfern\w*|benenn\w*|füg\w*|verschieb\w*|einbau\w*",
    r"corrig\w*|répar\w*|modifi\w*|remplac\w*|supprim\w*|ajout\w*|renomm\w*|déplac\w*",
    r"corr[ií][gj]\w*|arregl\w*|repar\w*|cambi\w*|reemplaz\w*|elimin\w*|borr\w*|añad\w*|mueve|mover",
    r"corregg\w*|sistem\w*|ripar\w*|cambi\w*|sostitui\w*|elimin\w*|aggiung\w*|rinomin\w*|spost\w*",
    r"corri[gj]\w*|consert\w*|arrum\w*|mud[ae]\w*|substitu\w*|remov\w*|adicion\w*|renomei\w*",
    r"repareer\w*|los\b.{0,30}\bop\b|corrigeer\w*|wijzig\w*|vervang\w*|verwijder\w*|voeg\w*|hernoem\w*|verplaats\w*",
    r"napraw\w*|popraw\w*|zmie[nń]\w*|usuń|dodaj|przenieś|zastąp\w*",
    r"laga|rätta|ändra|ersätt|ta bort|lägg till|flytta",
    r"düzelt\w*|onar\w*|değiştir\w*|sil\b|ekle\w*|taşı\w*",
    r"исправ\w*|почин\w*|измени\w*|замени\w*|удали\w*|добав\w*|перенес\w*",
)
TIMES = r"mal|fois|veces|vez|volte|vezes|keer|maal|razy?|gånger|kez|kere|раз(?:а)?"
"""Words behind a number that say how often."""
CJK_TIMES = r"(\d{1,4})\s*(?:回|次|遍|번|度)"
CJK_WAIT = r"まで|待って|待つ|ごとに|毎分|毎秒|監視|等到|等待|直到|每分钟|每隔|监控|盯着|때까지|기다려|마다"
CJK_OFTEN = r"繰り返|何度も|ときどき|時々|反复|多次|有时|偶尔|반복|가끔|여러 번"
CJK_EACH = r"一つずつ|それぞれ|すべて|全部|逐个|逐一|每个|一个一个|하나씩|각각|모든"
CJK_CHANGE = r"直して|修正|追加|削除|変更|修复|修改|添加|删除|고쳐|수정|추가|삭제"


def alternatives(*groups: str) -> str:
    """One pattern of several."""
    return "|".join(groups)
