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
    urge: str
    complaint: str
    report: str
    """That something is to be told, and nothing to be changed."""


GERMAN = Tongue(
    wait=r"warte\w*|bis (?:er|sie|es|der|die|das|du|ich|alles?|kein\w*)|beobacht\w*|überwach\w*|"
    r"behalte?\b.{0,20}\bim auge|(?:gib|sag)\w*\b.{0,12}\bbescheid|sobald|jede (?:sekunde|minute|stunde)|"
    r"alle (?:\d+ )?(?:sekunden|minuten|stunden)",
    often=r"immer wieder|manchmal|gelegentlich|ab und zu|wiederhol\w*|mehrmals|wie oft|oft|häufig|wackel\w*|flackert",
    each=r"jede[nrms]?|einzeln|nacheinander|alle|der reihe nach|stapelweise|stückweise",
    change=r"beheb\w*|reparier\w*|korrigier\w*|änder\w*|ersetz\w*|lösch\w*|entfern\w*|benenn\w*|füg\w*|verschieb\w*",
    urge=r"ja|jawohl|weiter\w*|mach\w*|leg los|los|fahr\w* fort|bitte|gern|einverstanden|passt",
    complaint=r"immer noch\w*|noch immer|geht (?:immer noch |noch )?nicht|dasselbe|derselbe|falsch|stimmt nicht|"
    r"hat nichts geändert|nichts (?:passiert|geändert)|kaputt",
    report=r"erklär\w*|berichte\w*|fass\w*\b.{0,40}\bzusammen|beschreib\w*|prüf\w*|untersuch\w*|"
    r"analysier\w*|nichts (?:ändern|anfassen)|ohne (?:etwas )?zu ändern|finde heraus",
)
FRENCH = Tongue(
    wait=r"attend\w*|jusqu['’][àa] ce qu\w*|surveill\w*|pr[ée]vien\w*|d[èe]s qu\w*|"
    r"toutes les (?:\d+ )?(?:secondes|minutes|heures)|chaque (?:seconde|minute|heure)",
    often=r"parfois|de temps en temps|r[ée]p[èée]t\w*|plusieurs fois|par moments|al[ée]atoire\w*|souvent|instable",
    each=r"chaque|chacun\w*|un par un|une par une|tou(?:s|tes)|par lots?",
    change=r"corrig\w*|répar\w*|modifi\w*|remplac\w*|supprim\w*|ajout\w*|renomm\w*|déplac\w*",
    urge=r"oui|vas-y|allez-y|continue[sz]?|d['’]accord|allez|parfait|commence[sz]?",
    complaint=r"toujours pas|toujours (?:le|la|les) même|encore (?:cassé|faux)|ça ne (?:marche|change)\w*|"
    r"rien (?:n['’]a )?changé|même erreur|faux",
    report=r"expliqu\w*|résum\w*|décri\w*|vérifi\w*|analys\w*|examin\w*|sans (?:rien )?(?:modifier|changer|"
    r"toucher)|ne (?:modifie|change|touche)\w* rien",
)
SPANISH = Tongue(
    wait=r"esper\w*|hasta (?:que|\w+[aei]r(?:lo|la)?)|vigil\w*|av[ií]sa\w*|en cuanto|"
    r"cada (?:\d+ )?(?:segundos?|minutos?|horas?)",
    often=r"a veces|de vez en cuando|rep[ií]t\w*|varias veces|una y otra vez|intermitente\w*|a menudo|inestable",
    each=r"cada (?:un[oa]|fila|archivo)|uno por uno|una por una|tod[oa]s|(?:por|en) lotes",
    change=r"corr[ií][gj]\w*|arregl\w*|repar\w*|cambi\w*|reemplaz\w*|elimin\w*|borr\w*|añad\w*|mueve|mover",
    urge=r"s[ií]|sigue|adelante|dale|contin[uú]a|vale|de acuerdo|empieza",
    complaint=r"sigue (?:igual|sin|fallando|roto)|todavía no|no (?:funciona|cambia|ha cambiado)\w*|lo mismo|"
    r"el mismo error|está mal",
    report=r"expl[ií]c\w*|resum\w*|describ\w*|revis\w*|analiz\w*|investig\w*|audit\w*|sin (?:cambiar|"
    r"modificar|tocar)|no (?:cambies|modifiques|toques)",
)
ITALIAN = Tongue(
    wait=r"aspett\w*|finch[ée]|sorvegli\w*|avvis\w*|non appena|ogni (?:\d+ )?(?:second[oi]|minut[oi]|or[ae])",
    often=r"a volte|ogni tanto|ripet\w*|più volte|di tanto in tanto|spesso|instabile",
    each=r"ciascun\w*|ogni|uno alla volta|uno per uno|tutt[ie]",
    change=r"corregg\w*|sistem\w*|ripar\w*|cambi\w*|sostitui\w*|elimin\w*|aggiung\w*|rinomin\w*|spost\w*",
    urge=r"s[iì]|vai|procedi|continua|avanti|d['’]accordo|va bene|inizia",
    complaint=r"ancora (?:rotto|sbagliato|lo stesso)|non (?:funziona|è cambiato|cambia)\w*|lo stesso (?:errore|"
    r"problema)|è sbagliato",
    report=r"spieg\w*|riassum\w*|descriv\w*|verific\w*|analizz\w*|esamin\w*|senza (?:cambiare|modificare|"
    r"toccare)|non (?:cambiare|modificare|toccare)",
)
PORTUGUESE = Tongue(
    wait=r"aguard\w*|até (?:que|\w+[aei]r)|vigi[ae]\w*|avis[ae]\w*|assim que|"
    r"a cada (?:\d+ )?(?:segundos?|minutos?|horas?)",
    often=r"às vezes|de vez em quando|rep[ei]t\w*|várias vezes|muitas vezes|instável",
    each=r"cada (?:um|uma|linha|arquivo)|um por um|uma por uma|tod[oa]s|em lotes",
    change=r"corri[gj]\w*|consert\w*|arrum\w*|mud[ae]\w*|substitu\w*|remov\w*|adicion\w*|renomei\w*",
    urge=r"sim|pode\w*|avan[çc]\w*|continua|vai|claro|de acordo|começa",
    complaint=r"ainda (?:não|está|o mesmo)|não (?:funciona|mudou|funcionou)|o mesmo erro|continua (?:igual|"
    r"errado)|está errado",
    report=r"expli[cq]\w*|resum\w*|descrev\w*|revis\w*|analis\w*|investig\w*|sem (?:mudar|alterar|mexer)|"
    r"não (?:mude|altere|mexa)",
)
DUTCH = Tongue(
    wait=r"wacht\w*|totdat|tot (?:het|hij|ze|alles)|zodra|hou\w*\b.{0,20}\bin de gaten|"
    r"elke (?:\d+ )?(?:seconden?|minuut|minuten|uur)",
    often=r"soms|af en toe|herhaal\w*|telkens|meerdere keren|vaak|instabiel",
    each=r"ieder\w*|elke?|één voor één|stuk voor stuk|alle",
    change=r"repareer\w*|los\b.{0,30}\bop|corrigeer\w*|wijzig\w*|vervang\w*|verwijder\w*|voeg\w*|hernoem\w*|verplaats\w*",
    urge=r"ja|ga (?:door|verder)|doe maar|verder|begin|akkoord|prima|graag",
    complaint=r"nog steeds|nog altijd|werkt niet|hetzelfde|dezelfde fout|niets veranderd|klopt niet",
    report=r"leg\w*\b.{0,20}\buit|vat\b.{0,40}\bsamen|beschrijf|controleer\w*|onderzoek\w*|analyseer|"
    r"niets (?:wijzigen|veranderen)|zonder iets te (?:wijzigen|veranderen)",
)
POLISH = Tongue(
    wait=r"czekaj|poczekaj|dopóki|aż|pilnuj|co (?:\d+ )?(?:sekund\w*|minut\w*|godzin\w*)",
    often=r"czasem|czasami|powtarzaj|powtórz|kilka razy|często|niestabiln\w*",
    each=r"każd\w*|po kolei|jeden po drugim|wszystkie",
    change=r"napraw\w*|popraw\w*|zmie[nń]\w*|usuń|dodaj|przenieś|zastąp\w*",
    urge=r"tak|dalej|kontynuuj|zaczynaj|zgoda|dobrze|proszę",
    complaint=r"nadal|wciąż|nie działa|to samo|ten sam błąd|nic się nie zmieniło|źle",
    report=r"wyjaśnij|podsumuj|opisz|sprawdź|przeanalizuj|zbadaj|bez zmian\w*|niczego nie zmieniaj|"
    r"nic nie zmieniaj",
)
SWEDISH = Tongue(
    wait=r"vänta|tills|bevaka|säg till|varje (?:sekund|minut|timme)",
    often=r"ibland|upprepa\w*|flera gånger|ofta|instabil\w*",
    each=r"varje|var och en|en i taget|alla",
    change=r"laga|rätta|ändra|ersätt|ta bort|lägg till|flytta",
    urge=r"ja|kör|fortsätt|sätt igång|okej|gärna",
    complaint=r"fortfarande|funkar inte|fungerar inte|samma (?:fel|sak)|inget har (?:hänt|ändrats)|fel",
    report=r"förklara|sammanfatta|beskriv|granska|analysera|undersök|utan att ändra|ändra ingenting",
)
TURKISH = Tongue(
    wait=r"bekle|\w+[ae]n[ae] kadar|her (?:saniye|dakika|saat)",
    often=r"bazen|ara sıra|tekrarla\w*|defalarca|sık sık",
    each=r"her bir\w*|tek tek|sırayla|hepsini|bütün",
    change=r"düzelt\w*|onar\w*|değiştir\w*|sil|ekle\w*|taşı\w*",
    urge=r"evet|devam|başla|tamam|olur|lütfen",
    complaint=r"hâlâ|hala|çalışmıyor|aynı (?:hata|şey)|değişmedi|yanlış",
    report=r"açıkla|özetle|incele|araştır|analiz et|hiçbir şeyi değiştirme|değiştirmeden",
)
RUSSIAN = Tongue(
    wait=r"жди|подожд\w*|пока|следи|кажд\w+ (?:секунд|минут|час)\w*",
    often=r"иногда|время от времени|повтор\w*|несколько раз|часто|нестабильн\w*",
    each=r"кажд\w*|по одному|по очереди|вс[её]х?",
    change=r"исправ\w*|почин\w*|измени\w*|замени\w*|удали\w*|добав\w*|перенес\w*",
    urge=r"да|давай|продолжай|начинай|хорошо|вперёд",
    complaint=r"вс[её] ещ[её]|опять|не работает|то же самое|та же ошибка|ничего не изменилось|неправильно",
    report=r"объясни|опиши|проверь|исследуй|проанализируй|ничего не меня\w*|не меняй|без изменений",
)
SPACED = (GERMAN, FRENCH, SPANISH, ITALIAN, PORTUGUESE, DUTCH, POLISH, SWEDISH, TURKISH, RUSSIAN)
"""Languages that put blanks between words."""
JAPANESE = Tongue(
    wait="まで|待って|待つ|ごとに|毎分|毎秒|監視",
    often="繰り返|何度も|ときどき|時々",
    each="ずつ|それぞれ|すべて|全部",
    change="直して|修正|追加|削除|変更",
    urge=r"はい|続けて|進めて|お願い|始めて",
    complaint=r"まだ|直って(?:い)?ない|同じエラー|変わらない|違う",
    report=r"説明して|要約|調べて|調査|変更しないで|変えないで",
)
CHINESE = Tongue(
    wait="等到|等待|直到|每分钟|每隔|监控|盯着",
    often="反复|多次|有时|偶尔",
    each="逐个|逐一|每个|一个一个",
    change="修复|修改|添加|删除",
    urge=r"是的|好的|继续|开始|可以",
    complaint=r"还是|仍然|没有变|一样的错误|不对",
    report=r"解释|总结|检查|分析|调查|不要修改|不要改",
)
KOREAN = Tongue(
    wait="때까지|기다려|마다",
    often="반복|가끔|여러 번",
    each="하나씩|각각|모든",
    change="고쳐|수정|추가|삭제",
    urge=r"네|계속|진행|시작|좋아",
    complaint=r"여전히|아직도|같은 오류|안 돼|그대로",
    report=r"설명|요약|조사|분석|변경하지|바꾸지",
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
