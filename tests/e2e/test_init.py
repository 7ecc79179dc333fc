"""`crm init`: every tab and header of the contract, ready to be worked in."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from rules.playbook import LOCALES, Locale
from tests.e2e.conftest import MANAGER, Opener, Sandbox

TABS: dict[Locale, list[str]] = {
    "en": ["Deals", "Contacts", "Companies", "Comments", "Events", "Lists", "Dashboard",
           "Report: Funnel", "Report: Qualified", "Report: Results", "Report: Sources",
           "Report: Traffic", "Report: Events", "Report: Managers", "Report: Data quality"],
    "ru": ["Сделки", "Контакты", "Контрагенты", "Комментарии", "События", "Справочники", "Дашборд",
           "Отчёт: Воронка", "Отчёт: Квалификация", "Отчёт: Результаты", "Отчёт: Источники",
           "Отчёт: Трафик", "Отчёт: События", "Отчёт: Менеджеры", "Отчёт: Качество данных"],
}  # fmt: skip
HEADERS: dict[Locale, dict[str, list[str]]] = {
    "en": {
        "Deals": ["ID", "Check", "Problems", "Accepted", "Deal", "Stage", "Company", "Contact",
                  "Other contacts", "Service", "Budget", "Currency", "Tender", "Mediaform",
                  "Acquisition channel", "Direction", "Traffic source", "Campaign or tender date",
                  "Accountable", "Scoring result", "Brief received", "Trigger event", "Next step",
                  "Contract signed", "Outcome reason", "Key learnings",
                  "Information about the Lead", "Google Drive", "ICP score", "Stage since",
                  "Last letter"],
        "Contacts": ["ID", "Check", "Problems", "First name", "Patronymic", "Last name", "Email",
                     "Additional email", "Phone", "Messenger", "Position", "Company",
                     "Decision maker", "Birthday", "Group", "Region",
                     "Information about the Contact"],
        "Companies": ["ID", "Check", "Problems", "Title", "Region", "Niche", "Site", "Address",
                      "Category", "Size", "Group", "Front-office region", "Email",
                      "Additional emails", "Phone", "Additional titles", "Niche holiday",
                      "Date of foundation", "Information about the Company", "Google Drive",
                      "Responsible", "Decision makers"],
        "Comments": ["Deal ID", "When", "Direction", "From", "To", "Subject", "Text",
                     "Attachments", "Letter", "Candidates"],
        "Events": ["When", "Deal ID", "Event", "From", "To", "Accountable"],
        "Lists": ["Acquisition channels", "Services", "Regions", "Niches", "Groups", "Managers",
                  "Mailboxes", "Currencies", "Rate"],
    },
    "ru": {
        "Сделки": ["ID", "Проверка", "Что исправить", "Принято", "Сделка", "Этап", "Контрагент",
                   "Контакт", "Другие контакты", "Услуга", "Сумма", "Валюта", "Тендер",
                   "Медиаформа", "Канал привлечения", "Направление", "Источник трафика",
                   "Сроки кампании или тендера", "Исполнитель", "Результат скоринга",
                   "Бриф получен", "Событие", "Следующий шаг", "Договор подписан",
                   "Причина исхода", "Ключевые выводы", "Дополнительная информация",
                   "Google Drive", "Скоринг ICP", "На этапе с", "Последнее письмо"],
        "Контакты": ["ID", "Проверка", "Что исправить", "Имя", "Отчество", "Фамилия", "Email",
                     "Дополнительный email", "Телефон", "Мессенджер", "Должность", "Контрагент",
                     "ЛПР", "Дата рождения", "Группа", "Регион", "Дополнительная информация"],
        "Контрагенты": ["ID", "Проверка", "Что исправить", "Название", "Регион", "Отрасль", "Сайт",
                        "Адрес", "Категория", "Размер", "Группа", "Регион фронт-офиса", "Email",
                        "Дополнительные email", "Телефон", "Другие названия",
                        "Отраслевой праздник", "Дата основания", "Дополнительная информация",
                        "Google Drive", "Ответственные", "Список ЛПР"],
        "Комментарии": ["ID сделки", "Когда", "Направление", "От кого", "Кому", "Тема", "Текст",
                        "Вложения", "Письмо", "Варианты"],
        "События": ["Когда", "ID сделки", "Событие", "Из", "В", "Исполнитель"],
        "Справочники": ["Каналы привлечения", "Услуги", "Регионы", "Отрасли", "Группы",
                        "Менеджеры", "Почта", "Валюты", "Курс"],
    },
}  # fmt: skip
REPORT_HEADERS: dict[Locale, dict[str, list[str]]] = {
    "en": {
        "Report: Funnel": ["Stage", "Deals", "Budget", "Ever reached", "Conversion",
                           "Median days"],
        "Report: Qualified": ["Month", "Leads", "MQL", "SQL", "Clients"],
        "Report: Results": ["Month", "Won", "Won budget", "Lost", "Lost budget", "Unqualified",
                            "Win rate"],
        "Report: Sources": ["Acquisition channel", "Leads", "MQL", "SQL", "Clients", "Lost",
                            "Unqualified", "Budget", "Won budget"],
        "Report: Traffic": ["Traffic source", "Leads", "MQL", "SQL", "Clients", "Lost",
                            "Unqualified", "Budget", "Won budget"],
        "Report: Events": ["Event", "Total"],
        "Report: Managers": ["Accountable", "Open deals", "Open budget", "Errors",
                             "Overdue steps", "Won", "Lost", "Win rate", "Letters"],
        "Report: Data quality": ["Field", "Missing", "Invalid"],
    },
    "ru": {
        "Отчёт: Воронка": ["Этап", "Сделки", "Сумма", "Дошли", "Конверсия", "Медиана дней"],
        "Отчёт: Квалификация": ["Месяц", "Лиды", "MQL", "SQL", "Клиенты"],
        "Отчёт: Результаты": ["Месяц", "Выиграно", "Сумма выигранных", "Проиграно",
                              "Сумма проигранных", "Некачественные", "Доля побед"],
        "Отчёт: Источники": ["Канал привлечения", "Лиды", "MQL", "SQL", "Клиенты", "Проиграно",
                             "Некачественные", "Сумма", "Сумма выигранных"],
        "Отчёт: Трафик": ["Источник трафика", "Лиды", "MQL", "SQL", "Клиенты", "Проиграно",
                          "Некачественные", "Сумма", "Сумма выигранных"],
        "Отчёт: События": ["Событие", "Всего"],
        "Отчёт: Менеджеры": ["Исполнитель", "Открытые сделки", "Открытая сумма", "Ошибки",
                             "Просроченные шаги", "Выиграно", "Проиграно", "Доля побед", "Письма"],
        "Отчёт: Качество данных": ["Поле", "Не заполнено", "Неверно"],
    },
}  # fmt: skip


def the_id(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


@pytest.fixture(scope="module", params=LOCALES)
def made(request: pytest.FixtureRequest, sandbox: Sandbox) -> tuple[Locale, str]:
    locale: Locale = request.param
    done = sandbox.crm("init", "--title", "Our CRM", "--locale", locale, "--share", MANAGER)
    return locale, the_id(done)


@pytest.fixture
def spreadsheet(made: tuple[Locale, str], open_workbook: Opener) -> Any:
    return open_workbook(made[1], made[0]).spreadsheet


def test_tabs_and_headers_are_those_of_the_contract(
    made: tuple[Locale, str], spreadsheet: Any
) -> None:
    locale = made[0]
    shown = [sheet.title for sheet in spreadsheet.worksheets() if not sheet.isSheetHidden]
    assert shown == TABS[locale]
    for title, headers in HEADERS[locale].items():
        assert spreadsheet.worksheet(title).row_values(1)[: len(headers)] == headers
    for title, headers in REPORT_HEADERS[locale].items():
        assert headers in [
            row[: len(headers)] for row in spreadsheet.worksheet(title).get_all_values()
        ]
    assert spreadsheet.title == "Our CRM"
    assert spreadsheet.locale == {"en": "en_US", "ru": "ru_RU"}[locale]


def test_columns_have_drop_downs_a_frozen_header_and_warnings(
    made: tuple[Locale, str], spreadsheet: Any
) -> None:
    locale = made[0]
    deals = TABS[locale][0]
    found = spreadsheet.client.fetch_sheet_metadata(
        made[1],
        params={
            "ranges": [f"'{deals}'!A1:AE2"],
            "fields": "sheets(properties,protectedRanges,data(columnMetadata.hiddenByUser,"
            "rowData.values.dataValidation))",
        },
    )
    [sheet] = found["sheets"]
    assert sheet["properties"]["gridProperties"]["frozenRowCount"] == 1
    rules = [cell.get("dataValidation") for cell in sheet["data"][0]["rowData"][1]["values"]]
    headers = HEADERS[locale]["Deals" if locale == "en" else "Сделки"]
    stage, channel = rules[5], rules[14]
    assert [value["userEnteredValue"] for value in stage["condition"]["values"]] == {
        "en": ["Cold Lead", "MQL", "SQL", "Negotiations", "Client", "Unqualified", "Lost"],
        "ru": ["Холодный лид", "MQL", "SQL", "Переговоры", "Клиент", "Некачественный лид",
               "Проиграна"],
    }[locale]  # fmt: skip
    assert channel["condition"]["type"] == "ONE_OF_RANGE"
    assert channel["showCustomUi"]
    protected = {r["range"]["startColumnIndex"]: r for r in sheet["protectedRanges"]}
    assert {headers[index] for index in protected} == set(
        {"en": ["ID", "Check", "Problems", "ICP score", "Stage since", "Last letter"],
         "ru": ["ID", "Проверка", "Что исправить", "Скоринг ICP", "На этапе с",
                "Последнее письмо"]}[locale]
    )  # fmt: skip
    assert all(r["warningOnly"] for r in protected.values())


def test_the_workers_own_columns_and_tabs_are_hidden(
    made: tuple[Locale, str], spreadsheet: Any
) -> None:
    comments = TABS[made[0]][3]
    found = spreadsheet.client.fetch_sheet_metadata(
        made[1],
        params={
            "ranges": [f"'{comments}'!1:1"],
            "fields": "sheets.data.columnMetadata.hiddenByUser",
        },
    )
    columns = found["sheets"][0]["data"][0]["columnMetadata"]
    hidden = [bool(column.get("hiddenByUser")) for column in columns]
    assert hidden[:10] == [False] * 10
    assert all(hidden[10:12])
    sheets = {sheet.title: sheet.isSheetHidden for sheet in spreadsheet.worksheets()}
    assert {title for title, yes in sheets.items() if yes} == {"_records", "_letters"}


def test_the_managers_may_edit_and_got_no_letter_about_it(
    made: tuple[Locale, str], spreadsheet: Any, sandbox: Sandbox
) -> None:
    spreadsheet.worksheet(TABS[made[0]][0]).update_acell("E2", "mine")
    spreadsheet.worksheet(TABS[made[0]][0]).update_acell("E2", "")
    shared = [call for call in sandbox.calls("drive.permissions.create") if made[1] in call["path"]]
    assert len(shared) == 1
    assert "sendNotificationEmail=false" in shared[0]["path"]


def test_a_second_init_writes_nothing_and_a_second_sync_of_an_empty_workbook_neither(
    made: tuple[Locale, str], sandbox: Sandbox
) -> None:
    assert sandbox.crm("sync", CRM_SPREADSHEETS=made[1]).returncode == 0
    sandbox.forget_calls()
    assert the_id(sandbox.crm("init", "--spreadsheet", made[1])) == made[1]
    assert sandbox.crm("sync", CRM_SPREADSHEETS=made[1]).returncode == 0
    assert [call for call in sandbox.calls() if call["kind"] == "write"] == []


def test_what_is_missing_in_an_existing_workbook_is_added_and_the_rest_stays(
    made: tuple[Locale, str], sandbox: Sandbox, spreadsheet: Any
) -> None:
    locale = made[0]
    deals = spreadsheet.worksheet(TABS[locale][0])
    deals.update_acell("F1", "Mine")
    deals.update_acell("F2", "stays")
    spreadsheet.del_worksheet(spreadsheet.worksheet(TABS[locale][2]))
    the_id(sandbox.crm("init", "--spreadsheet", made[1], "--locale", locale))
    assert deals.row_values(1)[5] == "Mine"
    assert deals.acell("F2").value == "stays"
    assert deals.row_values(1)[-1] == {"en": "Stage", "ru": "Этап"}[locale]
    companies = spreadsheet.worksheet(TABS[locale][2])
    assert companies.row_values(1) == HEADERS[locale][TABS[locale][2]]


def test_check_writes_nothing_and_says_by_its_code_whether_there_are_errors(
    sandbox: Sandbox,
) -> None:
    sandbox.reset()
    spreadsheet_id, _ = sandbox.seed("en", 30)
    sandbox.forget_calls()
    done = sandbox.crm("check", CRM_SPREADSHEETS=spreadsheet_id)
    assert done.returncode == 1
    assert "fill it in" in done.stdout
    as_json = sandbox.crm("check", "--json", CRM_SPREADSHEETS=spreadsheet_id)
    assert '"verdict": "error"' in as_json.stdout
    assert [call for call in sandbox.calls("") if call["kind"] == "write"] == []
