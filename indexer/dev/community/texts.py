"""What people write, in several languages."""
# ruff: noqa: RUF001

from typing import Final

GROUPS: Final = (
    ("🏔️", "Alpine Hikers", "Weekend tours, huts and weather."),
    ("🀄", "麻将之夜", "每周五晚上，老地方见。"),
    ("🎸", "Garage Band", "We play loud and on time."),
    ("🍜", "ラーメン部", "おいしい店を探し続けています。"),
    ("⚽", "Fútbol del domingo", "Partido a las diez, llueva o no."),
    ("📚", "نادي القراءة", "كتاب جديد كل شهر."),
    ("🌱", "Urban Garden", "Tomatoes on every roof."),
    ("🧧", "老同学群", "二〇〇八届，一个都不能少。"),
    ("🚲", "Критическая масса", "Каждую последнюю пятницу."),
    ("🪔", "दीवाली समिति", "इस साल और भी रोशनी।"),
    ("♟️", "Schachfreunde Süd", "Blitz am Dienstag, Gäste willkommen."),
    ("🎬", "Ciné-club du quartier", "Un film, un débat, une tarte."),
    ("☕", "Café da manhã", "Pão de queijo e boas histórias."),
    ("🐶", "강아지 산책 모임", "아침 일곱 시, 공원 앞에서."),
    ("🎲", "Dice & Dragons", "Campaign 7: the tower without doors."),
    ("🧑‍💻", "Solidity 学习小组", "从零开始，一起读合约。"),
    ("🏸", "羽毛球俱乐部", "每周三、周六，水平不限。"),
    ("🎻", "Orchestergraben", "Wer zu spät kommt, stimmt zuletzt."),
    ("🧶", "Knit & Natter", "Bring wool. Leave with a scarf."),
    ("🛶", "Фиорды 2027", "Собираем команду и деньги."),
    ("🥟", "饺子研究所", "皮薄馅大，研究永无止境。"),
    ("📷", "Streulicht", "Analog only."),
    ("🏄", "Olas y café", "El parte de las seis de la mañana."),
    ("🌌", "星空観測会", "新月の夜に集まりましょう。"),
)
DESCRIPTIONS: Final = (
    "New here? Say hello.",
    "新规则：请先看公告。",
    "Ahora también los jueves.",
    "写真をどんどん載せてください。",
    "Новый сезон, новый состав.",
    "كلنا هنا أصدقاء.",
)
BILLS: Final = (
    "Dinner on Friday",
    "聚餐 AA",
    "Alquiler de la cancha",
    "交通費",
    "Билеты на поезд",
    "Raumiete Probekeller",
    "فاتورة المقهى",
)
COLLECTIONS: Final = (
    "A present for Mei's birthday",
    "给老师的礼物",
    "Regalo de despedida",
    "新しいネット",
    "На подарок тренеру",
)
PROJECTS: Final = (
    ("A new amplifier", "The old one smokes. So do we, but less loudly."),
    ("公益图书角", "为社区买第一批一百本书。"),
    ("Un huerto en la azotea", "Tierra, semillas y un sistema de riego."),
    ("天体望遠鏡", "みんなで使う口径二十センチ。"),
    ("Лодка на двенадцать мест", "Чтобы никто не остался на берегу."),
    ("शामियाना", "बारिश हो या धूप।"),
)
GREETINGS: Final = (
    "恭喜发财，大吉大利！",
    "Happy New Year 🎉",
    "新年快乐",
    "¡Feliz cumpleaños!",
    "С праздником!",
    "おめでとうございます",
    "कुछ मीठा हो जाए",
    "Thanks for the great evening",
    "كل عام وأنتم بخير",
    "手快有，手慢无",
)
