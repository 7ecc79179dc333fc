"""Names and phrases of a media agency's everyday, in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rules.playbook import Locale

Words = Mapping[Locale, Sequence[str]]

FIRST_NAMES: Words = {
    "en": ("Anna", "John", "Aigerim", "David", "Maria", "Timur", "Helen", "Peter", "Leyla", "Mark"),
    "ru": ("Анна", "Иван", "Айгерим", "Давид", "Мария", "Тимур", "Елена", "Пётр", "Лейла", "Марк"),
}
"""By turns a woman's and a man's."""

LAST_NAMES: Words = {
    "en": ("Smith", "Akhmetov", "Brown", "Petrov", "Karimov", "Wilson", "Aliyev", "Gruber",
           "Sultanov", "Novak", "Bekov", "Taylor", "Orlov", "Iskakov"),
    "ru": ("Смит", "Ахметов", "Бровко", "Петров", "Каримов", "Уилсон", "Алиев", "Грубер",
           "Султанов", "Новак", "Беков", "Тейлор", "Орлов", "Искаков"),
}  # fmt: skip
COMPANY_WORDS: Words = {
    "en": ("Steppe", "Caspian", "Silk", "Northern", "Golden", "Altyn", "Blue", "Eurasia", "First",
           "Green"),
    "ru": ("Степь", "Каспий", "Шёлк", "Север", "Золото", "Алтын", "Лазурь", "Евразия", "Первый",
           "Зелёный"),
}  # fmt: skip
COMPANY_ENDS: Words = {
    "en": ("Bank LLP", "Pharma", "Telecom", "Auto LLC", "Retail", "Airlines", "Foods", "Academy"),
    "ru": ("Банк ТОО", "Фарма", "Телеком", "Авто ООО", "Ритейл", "Авиа", "Продукт", "Академия"),
}
POSITIONS: Words = {
    "en": ("Marketing director", "Brand manager", "Head of procurement", "CEO", "PR manager"),
    "ru": ("Директор по маркетингу", "Бренд-менеджер", "Закупки", "Гендиректор", "PR-менеджер"),
}
CONTACT_INFO: Words = {
    "en": ("Prefers calls before noon", "Met at the exhibition", "Writes in the evening"),
    "ru": ("Удобнее звонить до обеда", "Познакомились на выставке", "Пишет по вечерам"),
}
COMPANY_INFO: Words = {
    "en": ("Plans media a quarter ahead", "Buys through a tender committee", "Has an own studio"),
    "ru": ("Планирует рекламу на квартал", "Покупает через комиссию", "Есть своя студия"),
}
DEAL_INFO: Words = {
    "en": (
        "Wants a media plan for the spring",
        "Compares us with two agencies",
        "Launches a brand",
    ),
    "ru": ("Хочет медиаплан на весну", "Сравнивает нас с двумя агентствами", "Запускает бренд"),
}
REASONS_WON: Words = {
    "en": ("Strong strategy", "Fast proposal"),
    "ru": ("Сильная стратегия", "Быстро сделали КП"),
}
REASONS_LOST: Words = {
    "en": ("Price", "Chose a competitor", "Budget was cut"),
    "ru": ("Цена", "Выбрали конкурента", "Урезали бюджет"),
}
REASONS_UNQUALIFIED: Words = {
    "en": ("Spam", "Not our profile"),
    "ru": ("Спам", "Не наш профиль"),
}
LEARNINGS: Words = {
    "en": ("Bring the strategist to the first call",),
    "ru": ("Звать стратега на первый звонок",),
}
TRAFFIC: Words = {
    "en": ("google / cpc", "instagram", "facebook", "direct", "newsletter"),
    "ru": ("google / cpc", "instagram", "yandex / cpc", "прямой заход", "рассылка"),
}
HOLIDAYS: Words = {"en": ("Banker's day",), "ru": ("День банковского работника",)}
CITIES: Words = {"en": ("Almaty, Abay ave. 10",), "ru": ("Алматы, пр. Абая, 10",)}
MANAGERS: Words = {
    "en": ("Dana Omarova", "Sergey Kim", "Nina Volkova"),
    "ru": ("Дана Омарова", "Сергей Ким", "Нина Волкова"),
}
SUBJECTS: Words = {
    "en": ("Brief for the campaign", "Media plan", "Meeting on Thursday", "Our proposal"),
    "ru": ("Бриф на кампанию", "Медиаплан", "Встреча в четверг", "Наше предложение"),
}
LETTERS_IN: Words = {
    "en": ("Hello! Please find our brief below. When can you send the plan?",
           "Thank you, the plan looks good. Let us discuss the budget on Thursday.",
           "Could you add radio and remove the outdoor part?"),
    "ru": ("Добрый день! Высылаем бриф. Когда сможете прислать медиаплан?",
           "Спасибо, план хороший. Давайте обсудим бюджет в четверг.",
           "Можно добавить радио и убрать наружную рекламу?"),
}  # fmt: skip
LETTERS_OUT: Words = {
    "en": ("Good afternoon! The media plan is attached, we are waiting for your comments.",
           "Thank you for the meeting. The next step is the proposal, on Monday."),
    "ru": ("Добрый день! Медиаплан во вложении, ждём ваших комментариев.",
           "Спасибо за встречу. Следующий шаг — предложение, в понедельник."),
}  # fmt: skip
