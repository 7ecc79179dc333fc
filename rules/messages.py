"""Every sentence that a manager or leadership may read, by code; Russian in `locales/ru.po`.

Placeholders: `{field}` the field's header as it stands in the workbook, `{value}` what stands in
the cell, `{expected}` what could stand there.
"""

from __future__ import annotations

from collections.abc import Mapping

PROBLEMS: Mapping[str, str] = {
    "missing": "{field}: fill it in.",
    "missing_any": "{field}: fill in at least one of them.",
    "missing_condition": "{field}: fill it in. Only with it a deal comes to “{expected}”.",
    "missing_none_word": "{field}: “{value}” is not an answer here. Fill it in.",
    "worker_fills": "{field}: the folder appears by itself once the company and its title "
    "are known.",
    "folder_waits": "{field}: the folder waits for the company's title.",
    "folder_gone": "{field}: the folder is deleted, or no longer shared with {value}. "
    "Share it again, or clear the cell to have a new one made.",
    "folder_trashed": "{field}: the folder is in the trash. "
    "Restore it, or clear the cell to have a new one made.",
    "folder_moved": "{field}: the folder was moved away from its place. "
    "Move it back, so that colleagues find it.",
    "folder_taken": "{field}: something else has the id that was kept for the folder ({value}). "
    "Nothing was changed there; the next pass makes the folder under another id.",
    "folder_locked": "{field}: {value} may only look into the folder. Let it edit there.",
    "folder_link_gone": "{field}: the linked folder cannot be opened. "
    "Share it with {value}, or clear the cell.",
    "folder_link_trashed": "{field}: the linked folder is in the trash. "
    "Restore it, or clear the cell.",
    "folder_link_locked": "{field}: {value} may only look into the linked folder. "
    "Let it edit there.",
    "folder_link_file": "{field}: the link leads to a file, not to a folder. "
    "Paste the folder's link, or clear the cell.",
    "folder_link_root": "{field}: the link leads to the folder that holds all others. "
    "Paste the right link, or clear the cell.",
    "folder_link_taken": "{field}: this is the folder of {value}. "
    "Paste the right link, or clear the cell.",
    "folder_unshared": "{field}: {value} could not be let into the folder. "
    "Share it by hand, or mend the address.",
    "folder_no_document": "{field}: there is no document in “{value}” yet.",
    "not_folder": "{field}: “{value}” is not the address of a Drive folder. "
    "Paste the folder's link, or clear the cell.",
    "not_money": "{field}: “{value}” is not an amount. Write one number, for example 5000000.",
    "money_ambiguous": "{field}: “{value}” may be {expected}. "
    "Write one number, for example 5000000.",
    "not_number": "{field}: “{value}” is not a number. Write it like 12,5.",
    "not_date": "{field}: “{value}” is not a date. Write it like 31.12.2026.",
    "not_yes_no": "{field}: “{value}” is neither yes nor no. Write one of: {expected}.",
    "not_choice": "{field}: “{value}” is not one of: {expected}.",
    "not_in_list": "{field}: “{value}” is not in the list “{expected}”. "
    "Choose from the list, or add it on the tab Lists.",
    "not_email": "{field}: “{value}” is not an email address. Write it like name@example.com.",
    "email_look_alikes": "{field}: “{value}” mixes letters of two alphabets: {expected}. "
    "Type the address again in Latin letters, like name@example.com.",
    "not_phone": "{field}: “{value}” is not a phone number. Write it like +77011234567.",
    "not_link": "{field}: “{value}” is not a link. Write it like example.com.",
    "formula_error": "{field}: the formula gives the error {value}. "
    "Mend the formula or write a value.",
    "company_not_found": "{field}: there is no “{value}” on the tab Companies. "
    "Add the company there, or write its ID, for example C-000001.",
    "contact_not_found": "{field}: there is no “{value}” on the tab Contacts. "
    "Add the contact there, or write the ID, for example P-000001.",
    "company_close": "{field}: there is no “{value}” on the tab Companies. "
    "If {expected} is meant, write the ID; else add the company there.",
    "contact_close": "{field}: there is no “{value}” on the tab Contacts. "
    "If {expected} is meant, write the ID; else add the contact there.",
    "several_found": "{field}: “{value}” may be {expected}. Write the ID of the right one.",
    "contact_elsewhere": "{field}: {value} works at {expected}, not at the deal's company. "
    "Correct the contact or the company.",
    "currency_differs": "{field}: {value}, but the amount is in {expected}. Correct one of them.",
    "stage_skipped": "{field}: the deal came here from “{value}” without {expected}. "
    "Make up for what was skipped.",
    "stage_back": "{field}: the deal went back here from “{value}”. Check that this is right.",
    "stage_reopened": "{field}: the deal had ended as “{value}” and was taken up again. "
    "Check that this is right.",
    "stage_unusual": "{field}: the deal came here from “{value}”, which leads to: {expected}. "
    "Check that this is right.",
    "condition_unmet": "{field}: “{value}” does not lead to “{expected}”. "
    "Correct it, or the stage.",
    "stale": "{field}: unchanged since {value}, for more than {expected} days. "
    "Take the deal further or end it.",
    "next_step_past": "{field}: {value} has passed. Plan the next step.",
    "some_decision_maker": "{field}: mark a decision maker among the company's contacts.",
    "same_email": "{field}: {value} is also that of {expected}. "
    "If they are one person, keep one row.",
    "same_phone": "{field}: {value} is also that of {expected}. "
    "If they are one person, keep one row.",
    "same_name": "{field}: “{value}” of the same company stands at {expected} too. "
    "If they are one person, keep one row.",
    "same_site": "{field}: {value} is also that of {expected}. "
    "If they are one company, keep one row.",
    "same_title": "{field}: “{value}” is the same title as that of {expected}. "
    "If they are one company, keep one row.",
    "close_title": "{field}: “{value}” is nearly the same title as that of {expected}. "
    "If they are one company, keep one row.",
    "same_deal": "{field}: “{value}” with the same contact stands at {expected} too. "
    "If they are one deal, keep one row.",
    "identity_unclear": "{field}: this row may be {expected}. Write the right ID there; "
    "until then the row waits.",
    "suggested": "{field}: the file “{value}” came with a letter of {expected}. "
    "If this is it, say so here.",
    "elsewhere": "{tab} {id} → {problem}",
    "or": "{first} or {second}",
}

MORE_PROBLEMS = ("and {count} more problem", "and {count} more problems")
"""The last line of a Problems cell that does not name them all: for one, and for several."""

NOTICES: Mapping[str, str] = {
    "tab_missing": "There is no tab {names}. What belongs there waits. Bring the tab back "
    "(File → Version history), or let your operator run crm init.",
    "tab_doubled": "The tabs {names} mean the same. Rename or delete one of them; until then "
    "nothing is read or written there.",
    "header_missing": "Tab {title}: the header {names} is missing in row 1. Write it back; until "
    "then nothing is read or written on this tab.",
    "header_doubled": "Tab {title}: the header {names} stands twice. Rename one of them; until "
    "then nothing is read or written on this tab.",
    "rows_vanished": "Tab {tab}: {count} of {of} rows are gone or have become others at once.",
    "stages_changed": "Tab {tab}: {count} of {of} deals have changed their stage at once.",
    "column_emptied": "Tab {tab}: {count} of {of} cells of {field} have been emptied at once.",
    "held": "Folders, letters and history wait. A mistake? Undo it (Ctrl+Z, or File → Version "
    "history), and all goes on by itself. All right? Tick the box below.",
    "confirm": "It is right, go on",
    "nearly_full": "The spreadsheet has {count} of at most 10,000,000 cells. Letters wait. Delete "
    "empty rows and columns, or old comments.",
    "root_gone": "No folders are made: the Drive folder {root} (CRM_DRIVE_ROOT) does not exist, or "
    "is not shared with {account}. Share it with that account as a content manager or editor.",
    "root_file": "No folders are made: {root} (CRM_DRIVE_ROOT) is a file. Give the id of a folder "
    "or of a shared drive.",
    "root_trashed": "No folders are made: the Drive folder {root} (CRM_DRIVE_ROOT) is in the "
    "trash. Restore it, or choose another one.",
    "root_locked": "No folders are made: {account} may only look into the Drive folder {root} "
    "(CRM_DRIVE_ROOT). Let it edit there.",
}

REPORT_HEADERS: Mapping[str, str] = {
    "stage": "Stage",
    "deals": "Deals",
    "budget": "Budget",
    "reached": "Ever reached",
    "conversion": "Conversion",
    "median_days": "Median days",
    "month": "Month",
    "leads": "Leads",
    "mql": "MQL",
    "sql": "SQL",
    "clients": "Clients",
    "won": "Won",
    "won_budget": "Won budget",
    "lost": "Lost",
    "lost_budget": "Lost budget",
    "unqualified": "Unqualified",
    "win_rate": "Win rate",
    "outcome_reason": "Outcome reason",
    "channel": "Acquisition channel",
    "traffic_source": "Traffic source",
    "event": "Event",
    "accountable": "Accountable",
    "open_deals": "Open deals",
    "open_budget": "Open budget",
    "errors": "Errors",
    "overdue_steps": "Overdue steps",
    "letters": "Letters",
    "field": "Field",
    "missing": "Missing",
    "invalid": "Invalid",
    "total": "Total",  # in Russian another word than that of a total row: context "column"
    "mailbox": "Mailbox",
    "day": "Day of the letters",
    "found": "Letters found",
    "logged": "Logged",
    "waiting": "Waiting for a choice",
    "deleted": "Comment deleted",
    "left_out": "Left out",
    "failed": "Failed",
    "reading": "How far it is read",
    "key_figure": "Key figure",
    "value": "Value",
}

SCORE_LINES: Mapping[str, str] = {
    "fits": "Fits the ideal client: {points} of 100 points, {threshold} are enough.",
    "does_not_fit": "Does not fit the ideal client: {points} of 100 points, {threshold} are "
    "needed.",
    "met": "+{weight} {field}: {value}",
    "not_met": "0 of {weight} {field}: {value}",
    "not_known": "0 of {weight} {field}: not known",
    "qualify": "{field} says that the lead is not qualified, but it fits. Look at it again.",
    "disqualify": "{field} says that the lead is qualified, but it does not fit. Look at it again.",
}

COMMENT_LINES: Mapping[str, str] = {
    "no_text": "(No text that can be read. Open the letter in Gmail.)",
    "cut": "(Cut here. The whole letter: {link})",
    "write": "Write to the client: {link}",
}

LEFT_OUT: Mapping[str, str] = {
    "skipped": "Left out by their label",
    "bulk": "Left out as sent by machines or mailing lists",
    "invitation": "Left out as invitations",
    "no_label": "Left out without the label that counts",
    "subject": "Left out by their subject",
}

FILE_LINES: Mapping[str, str] = {
    "too_large": "too large, it is in the letter",
    "program": "a program, left in the letter",
}

READING: Mapping[str, str] = {
    "up_to_date": "Up to date",
    "searching": "Older letters are being looked for: {done}% done",
    "waiting": "There is more; it goes on by itself",
    "unreadable": "Cannot be read: {reason}",
    "not_yet": "Not read yet",
}

KEY_FIGURES: Mapping[str, str] = {
    "deals": "Deals in all",
    "open_deals": "Deals in work",
    "open_budget": "Budget of deals in work",
    "won": "Deals won",
    "won_budget": "Budget of deals won",
    "win_rate": "Win rate",
    "errors": "Rows with errors",
}

REPORT_LINES: Mapping[str, str] = {
    "as_of": "Data as of {when}",
    "total": "Total",
    "earlier": "Earlier",
    "no_rate": "Left out of the budgets, as their currency has no rate on the tab Lists: {deals}",
}
