"""One way to say what went wrong: a code, its parameters, the place, and the way out.

Every error that a user may read has an entry in `TEXTS`, in English, with named parameters in braces.
Interfaces translate the two sentences and then fill in the parameters; nobody parses a message.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

SHOWN_AT_ONCE = 20
"""How many bad rows an error lists: enough to see a pattern, few enough to read."""


@dataclass(frozen=True, slots=True)
class Text:
    """What happened and how to repair it, with `{named}` parameters."""

    problem: str
    way_out: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the input: file, row (1 is the header line), column name, field path."""

    file: str | None = None
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        """Read as `pool.csv, row 17, column age`; empty where nothing is known."""
        parts = [
            self.file,
            None if self.row is None else f"row {self.row}",
            None if self.column is None else f"column {self.column}",
        ]
        return ", ".join(part for part in parts if part)


TEXTS: dict[str, Text] = {
    # -- any room ---------------------------------------------------------------------------------
    "file_missing": Text("There is no file {file}.", "Check the path and the spelling of the name."),
    "file_empty": Text("{file} is empty.", "Export it again, with a header line and at least one row."),
    "file_unreadable": Text(
        "{file} cannot be read: {detail}.", "Check that it is a file and that you may read it."
    ),
    "file_not_text": Text(
        "{file} cannot be read as text: {detail}.", "Save it as CSV in UTF-8 and try again."
    ),
    "file_too_large": Text(
        "The file has {size} MB, more than the {most} MB that are read.",
        "Draw from the table where it is, in a database, or export fewer columns.",
    ),
    "file_not_a_table": Text(
        "This is {kind}, not a table.", "Export it as CSV in UTF-8, as an Excel workbook or as Parquet."
    ),
    "encoding_mixed": Text(
        "The file mixes two encodings: this row is not UTF-8, row {other} is.",
        "Export it again in one go; files from two sources must not be pasted together.",
    ),
    "encoding_unknown": Text(
        "The text is neither UTF-8 nor Latin-1 nor Windows-1252 (byte {byte}).",
        "Save it as “CSV UTF-8”, or name its encoding, such as cp850.",
    ),
    "encoding_wrong": Text(
        "The text is not {encoding} to the end.", "Save it as “CSV UTF-8”, or name another encoding."
    ),
    "encoding_not_known": Text(
        "There is no encoding {encoding}.", "Name one such as utf-8, windows-1252, latin-9 or cp850."
    ),
    "several": Text(
        "{count} problems were found; nothing was loaded.", "Repair them and load the file again."
    ),
    "invalid_choice": Text("{value} is not one of: {choices}.", "Choose one of these."),
    "cannot_write": Text(
        "The file cannot be written: {detail}.", "Check the folder, its rights and the free space."
    ),
    "seed_empty": Text("The seed is empty.", "Give the public random value that was announced."),
    # -- register ---------------------------------------------------------------------------------
    "register_not_parquet": Text("The Parquet file cannot be read: {detail}.", "Export it again."),
    "register_not_csv": Text(
        "The CSV is broken here: {detail}.", "Look at the quotation marks of this row."
    ),
    "delimiter_wrong": Text("This cannot separate columns.", "Give one character, such as ; or |."),
    "workbook_wrong": Text(
        "The workbook cannot be read: {detail}.",
        "Save it again as .xlsx, without a password, or as CSV UTF-8.",
    ),
    "workbook_too_large": Text(
        "The workbook would unpack to {size} MB, or far more than its size lets expect; at most {most} MB are read.",
        "Export the register as CSV in UTF-8 or as Parquet.",
    ),
    "workbook_sheets": Text("Which sheet? There are: {sheets}.", "Name the one that holds the register."),
    "cell_formula": Text(
        "The cell holds a formula.",
        "Save the values instead: in a spreadsheet, copy and paste them as values.",
    ),
    "cell_error": Text("The cell holds an error of the spreadsheet.", "Repair it there, and save again."),
    "cell_number_long": Text(
        "The cell holds a number of more than 15 digits, of which a spreadsheet loses the last ones.",
        "Export the column as text.",
    ),
    "cell_not_in_profile": Text(
        "The profile does not say how to read this value.",
        "Correct the cell, or add the value to the profile.",
    ),
    "column_twice": Text("The column {column} stands twice.", "Remove or rename one of the two."),
    "row_fields": Text(
        "The row has {found} fields, the header has {expected}.",
        "Look for a missing or unquoted delimiter.",
    ),
    "cell_empty": Text("The cell {column} is empty.", "Every resident needs it."),
    "id_twice": Text(
        "The same id stands in rows {first} and {second}.", "Every resident may stand in the file once."
    ),
    "birth_date_wrong": Text(
        "This is not a birth date.", "Write it as 1961-05-17, within the last 125 years."
    ),
    "value_not_listed": Text(
        "The value is not one of: {choices}.", "Correct it, and check that no column has slipped."
    ),
    "households_split": Text(
        "Some households stand in several strata of {column}, so one letter a household cannot be kept.",
        "Stratify by what a household shares, such as the municipality, or allow several letters a household.",
    ),
    "register_format_unknown": Text(
        "A register is written as .csv or .parquet, not as {suffix}.", "Give the file one of these endings."
    ),
    "letters_over_eligible": Text(
        "{letters} letters cannot be drawn from {eligible} eligible residents.",
        "Choose a number of letters from 1 to {eligible}.",
    ),
    "household_too_large": Text(
        "A household of {size} is too large for {letters} letters to {eligible} residents, one per household.",
        "Draw fewer letters, or allow several in a household.",
    ),
    "strata_personal": Text(
        "The column {column} tells single people or homes apart, so its values cannot be strata, which are public.",
        "Share the letters out by a column with few values, such as the municipality or the district.",
    ),
    "strata_too_small": Text(
        "The column {column} has {strata} values with fewer than {smallest} people who can be drawn.",
        "Share the letters out by a column with wider values: how many people stand in each is public.",
    ),
    "strata_not_as_chosen": Text(
        "The letters are chosen for the strata {chosen}, but the register has {found}.",
        "Give the number of letters for every stratum of the register, 0 where none go out, and for no other.",
    ),
    "name_twice": Text(
        "{count} numbers stand twice in the register, so their chance would be twice that of others.",
        "Find them with isegoria register check, and keep one row a person.",
    ),
    "dates_wrong": Text(
        "In {rows} rows the column {column} holds no date.",
        "Write dates as 1961-05-17; isegoria register check names the rows.",
    ),
    "within_alone": Text(
        "--within needs --one-per.", "Name the group that gets at most one letter: household."
    ),
    "wave_unknown": Text(
        "There is no wave {wave}, only {waves}.", "Give --letters once for each wave, the first wave first."
    ),
    "age_without_day": Text(
        "Who is {age} years old depends on the day.", "Give --on, or --age-min 0 to draw from everybody."
    ),
    "engine_python": Text(
        "This engine cannot draw so: plain Python knows the usual columns, ages and households only, a profile is for files.",
        "Use --engine duckdb.",
    ),
    "engine_url_missing": Text(
        "The address of the database is not known.",
        "Put it into the environment: {variable}=postgresql://user@host/database.",
    ),
    "letters_row_wrong": Text(
        "This row is no stratum with a whole number of letters, or its stratum stands twice.",
        "Write each stratum once, with its number of letters beside it.",
    ),
    "shard_groups": Text(
        "One letter a household is drawn from parts that are kept apart in two rounds.",
        "Let every part deliver its homes first: isegoria register shard --one-per household.",
    ),
    "shard_no_groups": Text(
        "Homes are delivered for a draw of one letter a home, and this one has none.",
        "Name the column of the homes, as in --one-per household, or deliver the lowest keys.",
    ),
    "shard_needs_walk": Text(
        "The people of a home belong to a walk along all homes, and none was given.",
        "Give the file walk.json that isegoria register merge wrote: --walk walk.json.",
    ),
    "part_unknown": Text(
        "The walk along the homes has no part {part}; its parts are {parts}.",
        "Give the part the name that it had when it delivered its homes.",
    ),
    "part_missing": Text(
        "The part {part} has not delivered its people.",
        "Give the file of every part once: {parts}.",
    ),
    "shards_differ": Text(
        "The parts {part} and {other} do not belong to one draw, or are one part given twice.",
        "Make every part with the same seed, letters and strata, and give each once.",
    ),
    "part_unnamed": Text(
        "The part of the register has no name, and the merged draw names each part.",
        "Say which part it is, for example --part Eupen.",
    ),
    "shard_wrong": Text(
        "What the part {part} delivered does not follow from the seed.",
        "Let its office run isegoria register shard again.",
    ),
    "shard_unreadable": Text(
        "This file is no part of a draw of letters: {detail}.",
        "Give the files that isegoria register shard wrote.",
    ),
    "cells_empty": Text(
        "In {rows} rows the column {column} is empty.",
        "Fill it in, or leave out the rows that cannot be drawn.",
    ),
    "register_changed": Text(
        "The register changed while the letters were drawn.",
        "Draw again from a copy that nobody writes to.",
    ),
    "engine_missing": Text("{engine} is not installed beside the library.", "Install isegoria[{extra}]."),
    "engine_refused": Text(
        "{engine} refused, saying: {detail}.",
        "Check the address, the name of the table and the rights to read it.",
    ),
    "synth_too_small": Text(
        "{size} residents are too few for nine municipalities.", "Ask for at least {fewest}."
    ),
    "target_wrong": Text(
        "The stratum {stratum} has no usable figures.",
        "Give a share and a reply rate above 0 and at most 1, and 0 seats or more.",
    ),
    "profile_not_toml": Text("The profile is not valid TOML: {detail}.", "Repair the line that is named."),
    "profile_wrong": Text("The profile does not hold: {detail}.", "Correct it at this place."),
    "profile_unguessed": Text(
        "No column looks like the number of a person, or like an address.",
        "Write the profile by hand; docs/registers.md shows one.",
    ),
    "exclusion_without_key": Text(
        "A list of people who cannot be drawn needs its key.",
        "Give --key with the key that the list was made with.",
    ),
    "exclusion_twice": Text("Two lists have the name {list}.", "Rename one of the files."),
    "eligibility_age_wrong": Text(
        "No age fits these limits.", "Give 0 or more, and a maximum not below the minimum."
    ),
    "date_wrong": Text("This is not a date.", "Write it as 2029-01-31."),
    "pseudonym_wrong": Text(
        "This is not a pseudonym.",
        "Make the list with `isegoria register pseudonyms`: 64 digits and letters a to f.",
    ),
    "key_wrong": Text(
        "This is not a key.",
        "Give the file that `isegoria register key` wrote: 64 digits and letters a to f.",
    ),
    "file_there": Text("There is such a file already.", "Choose another name, or move the file away."),
    "home_empty": Text("Nobody is listed in the home.", "Give everybody there who can be drawn."),
    "homes_empty": Text(
        "Nobody is listed in {count} of the drawn homes.",
        "Check that the file of residents is of the same day, and names the homes as they were drawn.",
    ),
    "home_persons_wrong": Text(
        "This is not a number of people in a home.", "Give a whole number from 0 to {most}."
    ),
    "wave_wrong": Text(
        "What the wave brought to the stratum {stratum} cannot be.",
        "Give the letters sent, and no more answers than letters, for strata of the plan.",
    ),
    "stratum_twice": Text("The stratum stands in row {first} already.", "Keep one of the two rows."),
    "share_wrong": Text("This is not a share.", "Write it as 4 %, 0.04 or 1/25, above 0 and at most 1."),
    "plan_letters_wrong": Text("{letters} letters cannot be planned.", "Give 1 or more."),
    "plan_without_rate": Text(
        "The plan has no reply rate.", "Give --rate, or --like with one of: {choices}."
    ),
    "plan_without_seats": Text("The plan has no seats.", "Give --seats or --targets."),
    "plan_waves_wrong": Text(
        "Letters sent and answers do not go together.",
        "For each wave give --sent and --yes, or with --targets a file --wave and, if it has no column sent, --sent.",
    ),
    "plan_register_too_small": Text(
        "{letters} letters would be needed, and only {left} people of the register got none yet. {stratum} needs so many.",
        "Ask for fewer candidates a seat, raise the reply rate there (by telephone, at the door), or let more people be eligible.",
    ),
    # -- rulebook ---------------------------------------------------------------------------------
    "rulebook_not_toml": Text(
        "The rule book is not valid TOML: {detail}.", "Repair the line that is named."
    ),
    "rulebook_not_utf8": Text(
        "The rule book is not text in UTF-8.", "Save it as a TOML file in UTF-8 and try again."
    ),
    "rulebook_text_missing": Text(
        "The text is missing in: {languages}.",
        "Add it, or take the language off the list of languages.",
    ),
    "rulebook_wrong": Text(
        "The rule book does not hold: {detail}.", "Correct the rule at this place in the file."
    ),
    "rulebook_version_unknown": Text(
        "The rule book has the schema version {found}.", "Write schema_version = {newest}."
    ),
    "rulebook_no_quorum": Text(
        "{first} and {second} cannot both hold: between leaving and entering {staying} of the seats are filled, and a decision needs {quorum}.",
        "Renew a smaller share, or ask for a smaller quorum.",
    ),
    "rulebook_mandate_and_rotation": Text(
        "{first} and {second} cannot both hold: a mandate lasts {mandate} months, and the rotation lets members sit for {served}.",
        "Make the mandate the months between two rotations, divided by the share.",
    ),
    "rulebook_cohorts_and_size": Text(
        "{first} and {second} cannot both hold: the cohorts fill {sitting} seats, and the body has {low} to {high}.",
        "Change the size, the size of a cohort, or the months.",
    ),
    "rulebook_all_return": Text(
        "{first} and {second} cannot both hold: {returning} members return to {size} seats, and no seat is left to draw.",
        "Let fewer members return.",
    ),
    "rulebook_return_and_cooling_off": Text(
        "{first} and {second} cannot both hold: members return, and former members must wait {months} months.",
        "Take one of the two rules out.",
    ),
    "rulebook_return_and_one_term": Text(
        "{first} and {second} cannot both hold: members return for another cycle, and nobody may sit twice.",
        "Allow two terms, or let nobody return.",
    ),
    "rulebook_seats_over_size": Text(
        "{first} and {second} cannot both hold: {seats} seats are kept for some people, and there are {size}.",
        "Keep fewer seats, or make the body larger.",
    ),
    "rulebook_seats_too_young": Text(
        "{first} and {second} cannot both hold: the seats are for people of at most {last}, and nobody under {youngest} is drawn.",
        "Lower the youngest age, or raise the age of these seats.",
    ),
    "rulebook_ratio": Text(
        "{first} and {second} cannot both hold: with {ratio} citizens for each other member there are {low} to {high} citizens.",
        "Change the ratio or one of the two sizes.",
    ),
    "rulebook_more_than_all": Text(
        "{first} and {second} cannot both hold: no vote has more than all of the votes.",
        "Ask for all of the votes, or for more than a smaller share.",
    ),
    "rulebook_year_of_blackout": Text(
        "{first} and {second} cannot both hold: the pause of {months} months can fill a calendar year, in which the body is to be convened {fewest} time(s).",
        "Make the pause shorter than a year, or allow a year without.",
    ),
    "rulebook_entry_and_cooling_off": Text(
        "{first} and {second} cannot both hold: people are drawn among the members of {body}, who are kept from every body for a while.",
        'Give the waiting time the scope "body".',
    ),
    "rulebook_source_too_small": Text(
        "{first} and {second} cannot both hold: {size} people are to be drawn among at most {there}.",
        "Draw fewer, or from a larger body.",
    ),
    "rulebook_answer_after": Text(
        "{first} and {second} cannot both hold: the first answer would come after {months} months, when the account of it is due.",
        "Shorten the first deadline, or lengthen the second.",
    ),
    "rulebook_signatories": Text(
        "{first} speaks of those who sign, and {second} asks for no signature.",
        "Say how many signatures are needed, or leave the age out.",
    ),
    "rulebook_body_advises": Text(
        "{first} and {second} cannot both hold: the vote of {body} only advises, and this is to be decided.",
        "Let the vote of the body bind, or give the decision to another body.",
    ),
    "rulebook_body_is_over": Text(
        "{first} and {second} cannot both hold: {body} sits for one theme only, and has ended when this is decided.",
        "Give the decision to a body that sits between the themes, or leave the rule out.",
    ),
    "rulebook_nothing_to_judge": Text(
        "{first} and {second} cannot both hold: a body judges themes, and nobody may propose one.",
        "Say who may propose a theme, or leave the judge out.",
    ),
    "rulebook_pay": Text(
        "{first} and {second} cannot both hold: members get no allowance, and an amount is set.",
        "Take one of the two rules out.",
    ),
    "rulebook_empty_months": Text(
        "{first} and {second} cannot both hold: all leave after at most {mandate} months, and the next are drawn after {months}.",
        "Let members sit until the next are drawn, or draw them sooner.",
    ),
    "rulebook_exact_seats": Text(
        "{first} and {second} cannot both hold: for the same people {these} and {those} seats are kept, and one of the two numbers is exact.",
        "Keep their seats once.",
    ),
    "rulebook_replaced_too_long": Text(
        "{first} and {second} cannot both hold: seats are filled again until meeting {until}, and there are {meetings} meetings.",
        "Name a meeting that takes place, or plan more meetings.",
    ),
    "rulebook_circle": Text(
        "{first} and {second} cannot both hold: these bodies are drawn among each other's members, and nobody could ever be the first.",
        "Draw one of them from the register, or say who sits in it first.",
    ),
    "rulebook_reminder_too_late": Text(
        "{first} and {second} cannot both hold: the reminder comes after {reminder} days, when the {reply} days to answer are over.",
        "Remind people earlier, or give them more days.",
    ),
    "rulebook_letters_and_size": Text(
        "{first} and {second} cannot both hold: {letters} letters cannot fill {size} seats.",
        "Send more letters, or make the body smaller.",
    ),
    "rulebook_never_valid": Text(
        "{first} and {second} cannot both hold: the rules hold from {from_day}, and no longer after {last_day}.",
        "Correct one of the two days.",
    ),
    "rulebook_over_ceiling": Text(
        "{first} and {second} cannot both hold: {amount} euros are paid, and the ceiling is {ceiling}.",
        "Lower the amount, or raise the ceiling.",
    ),
    "rulebook_unknown": Text(
        "No rule book {identifier} comes with the library.", "Choose one of: {choices}; or give a file."
    ),
    # -- pool -------------------------------------------------------------------------------------
    "file_header_only": Text(
        "{file} has a header line and no row below it.", "Export it again with at least one row."
    ),
    "file_nul": Text(
        "The file holds NUL bytes, so it is not a text file.", "Export it again as CSV in UTF-8."
    ),
    "row_length": Text(
        "The row has {cells} cells, the header has {columns}.",
        "Put quotation marks around cells that contain the separator, and fill in what is missing.",
    ),
    "column_missing": Text(
        "There is no column {column}.", "Add it, or correct the spelling in the header line."
    ),
    "column_repeated": Text("The column occurs twice.", "Give every column a name of its own."),
    "column_unnamed": Text(
        "Column {number} has no name.", "Give it a name in the header line, or delete it."
    ),
    "cell_blank": Text("The cell is empty.", "Fill it in."),
    "id_blank": Text("The id is missing.", "Give every person an id of their own."),
    "id_repeated": Text("The id was used in row {first} already.", "Give every person an id of their own."),
    "ids_repeated": Text(
        "{count} ids of the pool are used twice.", "Give every person an id of their own."
    ),
    "value_unknown": Text(
        "The value has no quota.", "Use one of these: {choices}. Or add a quota for the value."
    ),
    "entries_without_value": Text(
        "{count} people of the pool have no value, or one without a quota, for the feature {feature}.",
        "Fill in the values, or add quotas for them.",
    ),
    "together_incomplete": Text(
        "{count} people who are to be drawn together with others are not in the pool.",
        "Add them to the pool, or take the link away.",
    ),
    "links_contradict": Text(
        "{count} people are to be drawn together with somebody from whom they are kept apart.",
        "Take one of the two links away.",
    ),
    "link_contradicts": Text(
        "Of the people of this row two are to be drawn together, if need be through other rows; but {source} keeps them apart.",
        "Take one of the two links away.",
    ),
    "link_header": Text(
        "The first row names people of the pool.",
        "Put a header line above it, such as id1,id2: the first row is never read as a link.",
    ),
    "link_unknown": Text(
        "The pool has nobody with this id.",
        "Correct the id. Columns that hold anything but ids do not belong in this file.",
    ),
    "link_repeated": Text("The id stands twice in this row.", "Name everybody once a row."),
    "link_single": Text(
        "The row names one person only.", "Name two people or more who are linked, or delete the row."
    ),
    "objective_links": Text(
        "The method {objective} does not know {links}.",
        "Choose another objective, such as leximin, or take these links away.",
    ),
    "pool_none": Text("There is nobody in the pool.", "Give at least one person."),
    "quotas_none": Text("There is no quota.", "Give at least one feature with its values."),
    "quota_columns": Text(
        "These columns are missing: {missing}.",
        "The header is category,feature,min,max or feature,value,min,max, both also with min_flex,max_flex.",
    ),
    "quota_row_repeated": Text(
        "Row {first} has this feature and value already.", "Keep one of the two rows."
    ),
    "quota_repeated": Text("There are two quotas for {feature}: {value}.", "Keep one of them."),
    "intersection_narrow": Text(
        "An intersection needs two different features or more.", "Name another feature beside it."
    ),
    "intersection_unknown": Text(
        "No quota has the value {value} of {feature}.", "Use features and values of the quotas."
    ),
    "intersection_name": Text("There is a feature {feature} already.", "Rename it in pool and quotas."),
    "intersection_columns": Text(
        "The file of intersections has no columns {missing}.",
        "Its header is feature1,value1,feature2,value2,min,max, with min_flex,max_flex if wanted.",
    ),
    "intersection_repeated": Text("Row {first} has these values already.", "Keep one of the two rows."),
    "quota_negative": Text(
        "The quota for {feature}: {value} has a negative number.", "Use whole numbers from 0."
    ),
    "quota_reversed": Text(
        "The quota for {feature}: {value} has the minimum {minimum} above the maximum {maximum}.",
        "Exchange or correct them.",
    ),
    "quota_flex": Text(
        "The flexibility of {feature}: {value} is narrower than the quota itself.",
        "Keep min_flex at or below min, and max_flex at or above max.",
    ),
    "not_whole": Text("This is not a whole number.", "Use a whole number from 0."),
    "number_ambiguous": Text(
        "This may be a number with decimals or one with thousands.",
        "Write 1000 or 1, without a sign inside.",
    ),
    "size_not_positive": Text("A panel of {size} cannot be drawn.", "Give a panel size of 1 or more."),
    "size_over_pool": Text(
        "A panel of {size} cannot be drawn from {people} people.", "Invite more people, or draw fewer."
    ),
    "quota_sum_high": Text(
        "The minima of {feature} add up to {total}, more than the {size} seats.", "Lower some of them."
    ),
    "quota_sum_low": Text(
        "The maxima of {feature} add up to {total}, fewer than the {size} seats.", "Raise some of them."
    ),
    "share_out_of_range": Text(
        "The share of {feature}: {value} is not between 0 and 1.", "Give shares such as 0.25, not per cent."
    ),
    "shares_sum": Text("The shares of {feature} add up to {total} instead of 1.", "Correct them."),
    # -- lottery ----------------------------------------------------------------------------------
    "quotas_conflict": Text(
        "No panel of {size} meets the quotas: {conflict}.", "Relax a quota, for instance: {relaxation}."
    ),
    "quotas_conflict_rigid": Text(
        "No panel of {size} meets the quotas: {conflict}.",
        "Allow more flexibility (min_flex, max_flex), or invite more people.",
    ),
    "objective_unknown": Text("There is no objective {objective}.", "Choose one of these: {choices}."),
    "graph_too_large": Text(
        "There are too many combinations to count every panel: more than {limit} states and steps.",
        "Spread the lottery over compositions without counting all panels, or use fewer features.",
    ),
    "compositions_out_of_range": Text(
        "{compositions} is not a number of further compositions.", "Give a number from 0 to {most}."
    ),
    "rate_out_of_range": Text(
        "A drop-out rate of {rate} is not possible.", "Give a share between 0 and 1, such as 0.1."
    ),
    "history_none": Text("There is no earlier member to learn from.", "Give at least one, or a rate."),
    "history_column": Text(
        "No column is a feature of the quotas.",
        "Name the columns as the features, beside the column dropped.",
    ),
    "dropped_unreadable": Text("The cell does not say whether the person left.", "Write yes or no."),
    "alternates_out_of_range": Text(
        "{alternates} is not a number of alternates.", "Give a whole number from 0 to {most}."
    ),
    "scenarios_out_of_range": Text(
        "{scenarios} is not a number of sampled futures.", "Give a whole number from 1 to {most}."
    ),
    "samples_out_of_range": Text(
        "{samples} is not a number of sampled panels.", "Give a whole number from 1 to {most}."
    ),
    "legacy_stuck": Text(
        "The greedy procedure failed {attempts} times and found {found} panels, although panels exist.",
        "Use leximin, which finds them all.",
    ),
    "curve_unreadable": Text(
        "This is not a corner of a fairness curve.", "Write curve.csv again with `isegoria lottery curve`."
    ),
    "gamma_objective": Text(
        "The objective {objective} does not weigh the smallest chance.",
        "Add --objective goldilocks, or leave --gamma out.",
    ),
    "gamma_out_of_range": Text(
        "Goldilocks cannot weigh the smallest chance with {gamma}.",
        "Give a number above 0, at most {most}.",
    ),
    "cancelled": Text("The work was cancelled before the lottery was complete.", "Start it again."),
    "lottery_document": Text(
        "This is not a lottery of ours: {detail}.", "Take the file lottery.json as it was written."
    ),
    "tickets_out_of_range": Text(
        "A draw with {tickets} equal tickets is not offered.", "Choose between 100 and {most} tickets."
    ),
    "members_unknown": Text(
        "{count} members of the panel are not in the pool.", "Give the pool that the panel was drawn from."
    ),
    "sitting_repeated": Text(
        "{count} members who sit already are named more than once.", "Name every member once."
    ),
    "sitting_without_value": Text(
        "{count} members who sit already have no known value of {feature}.",
        "Give every member a value that the quotas name.",
    ),
    "sitting_over_size": Text(
        "{count} members sit already, more than the {size} seats of the body.",
        "Give the size of the whole body, those who sit among them.",
    ),
    "sitting_over_maximum": Text(
        "{sitting} members with {feature}: {value} sit already; the body may have at most {maximum}.",
        "Raise the maximum, or accept the excess in public (--accept-excess): nobody more with this value is drawn.",
    ),
    "sitting_id": Text(
        "Nothing says who the members are.", "Name a column id, or the one of the pool (--id)."
    ),
    "reserved_over_maximum": Text(
        "{seats} seats are reserved for {feature}: {value}, but the maximum is {maximum}.",
        "Reserve fewer seats, or raise the maximum.",
    ),
    "reserved_over_size": Text(
        "{seats} seats are reserved for {feature}: {value}, but the body has {size}.",
        "Reserve fewer seats, or give the size of the whole body.",
    ),
    "reserved_repeated": Text(
        "Seats for {feature}: {value} are reserved twice.", "Keep one of the two, with the sum."
    ),
    "rotation_times_mixed": Text(
        "Some terms end on a day, others with the number of a rotation.",
        "Write when each member leaves in one way: 2027-03-01, or 3.",
    ),
    "rotation_time_wrong": Text(
        "{text} is neither a day nor the number of a rotation.", "Write it as 2027-03-01, or as 3."
    ),
    "horizon_out_of_range": Text(
        "A draw cannot look {horizon} rotations ahead.", "Give a number from 0 to {most}."
    ),
    "entrants_leave_too_early": Text(
        "Those who are drawn for {now} cannot leave on {leave}.", "Give a later day, or a later rotation."
    ),
    "rotation_ahead_infeasible": Text(
        "The rotation of {when} cannot be filled, whoever is drawn now: {detail}.",
        "Invite more people before then, relax a quota, or look less far ahead (--horizon {fewer}).",
    ),
    "rotation_ahead_unsafe": Text(
        "No tighter quotas of this draw keep the rotation of {when} possible whoever is drawn.",
        "Invite more people before then, relax a quota, or look less far ahead (--horizon {fewer}).",
    ),
    "record_sealed": Text(
        "The record hides the features of some people.", "Give the pool and the quotas instead."
    ),
    "record_not_holding": Text(
        "The record does not hold: step {step}.",
        "Take it as it was published; `isegoria proof verify` says more.",
    ),
    "commitment_of_another": Text(
        "Another lottery than this one was committed.",
        "Draw with the lottery that was published, or take commitment.json away and publish a new one.",
    ),
    "gone_unknown": Text(
        "{count} of those who left are not in the record.",
        "Write their ids as panel.csv has them, one a row below a header.",
    ),
    "people_missing": Text(
        "{count} people of the lottery are not in this file.",
        "Solve again, or take the file away; the lists then hold ids and features alone.",
    ),
    "earlier_objective": Text(
        "The objective {objective} does not count earlier chances.", "Add --objective cumulative."
    ),
    "earlier_negative": Text(
        "An earlier chance is negative.", "Give the chances of earlier draws, 0 or more."
    ),
    "earlier_columns": Text(
        "The file has no column id, or none with the chances.",
        "Name the columns id and probability (or chance), as in probabilities.csv.",
    ),
    "chance_wrong": Text("This is not a chance.", "Write a number from 0 on, such as 0.125 or 1/8."),
    "nothing_vacant": Text("No seat is vacant.", "Name the members who left."),
    "certificate_wrong": Text(
        "The certificate is not one of ours: {detail}.", "Take it from the record as it was published."
    ),
    "search_exhausted": Text(
        "The search for panels ended without a proof: {detail}.",
        "Report the pool, without names, to the authors.",
    ),
    # -- proof ------------------------------------------------------------------------------------
    "not_canonical": Text(
        "{where} cannot be written into a record: {detail}.",
        "Use whole numbers up to 2^53 - 1, text in Unicode normal form C, lists and objects.",
    ),
    "not_json": Text(
        "This is not a file of ours: {detail}.",
        "Load the file again from the page of the draw or the journal.",
    ),
    "salt_length_wrong": Text("A salt has {length} bytes instead of 16.", "Give the salt of the receipt."),
    "leaf_repeated": Text(
        "Two entries of the pool have the same leaf.",
        "Give each entry a salt of its own, and enter it once.",
    ),
    "leaf_unknown": Text("The leaf is not in the tree.", "Check that the receipt belongs to this draw."),
    "journal_entry_wrong": Text("The journal does not take this: {detail}.", "Give the field its form."),
    "commitment_not_32_bytes": Text(
        "A commitment has {length} bytes instead of 32.", "Give the SHA-256 value that was published."
    ),
    "draw_no_tickets": Text(
        "The lottery has a composition without a ticket, or no composition at all.",
        "Give each composition one ticket or more.",
    ),
    "draw_counts_wrong": Text(
        "Composition {composition} does not fit the types of the pool.",
        "Give one count per type, none larger than the number of persons of that type.",
    ),
    "draw_codes_repeated": Text(
        "Two entries of the pool have the same draw code.", "Give each entry a code of its own."
    ),
    "draw_code_wrong": Text(
        "A draw code is not made of letters, digits and -_.: alone, or is longer than 64.",
        "Use codes such as those of the letters; never a name or an address.",
    ),
    "draw_alternates_negative": Text(
        "{alternates} is not a number of alternates.", "Give 0 or a positive whole number."
    ),
    "draw_links_wrong": Text(
        "The linked people do not fit the lottery: {detail}.",
        "Give the links and the draw codes of each type as the lottery has them.",
    ),
    "draw_type_unknown": Text(
        "The types of the lottery are not the types of the pool.",
        "Compute the lottery again for the frozen pool.",
    ),
    "committed_too_late": Text(
        "A source of randomness speaks before the lottery is committed.",
        "Announce a later round or date, and publish the commitment before it.",
    ),
    "randomness_not_as_announced": Text(
        "The random values are not those of the announced sources, in the announced order.",
        "Give one value for each announced source, or annul the draw and announce another.",
    ),
    "randomness_too_early": Text(
        "The value of {source} was read before the announced moment.", "Wait for the announced moment."
    ),
    "draw_record_needed": Text(
        "This is not the record of a draw.",
        "Give the file isegoria-draw-record/1 that was published after it.",
    ),
    "record_opens_a_cell": Text(
        "This record shows no more of the lottery than the cell that was drawn.",
        "Verify it as it is: there is nothing to leave out.",
    ),
    "disclosure_wrong": Text(
        "The disclosure {disclosure} does not go with the key of the seals.",
        "Choose open without a key, or sealed with one of 32 bytes.",
    ),
    "seal_key_wrong": Text("The key of the seals has {length} bytes.", "Give 32 random bytes."),
    "source_wrong": Text(
        "This randomness cannot be announced: {detail}.",
        "Name a source of the grammar in docs/draw-record.md, with the round of its moment.",
    ),
    "secret_wrong": Text(
        "The secret number is not 64 hexadecimal digits.",
        "Give the file that was made for this draw, or another name to make a new one.",
    ),
    "randomness_wrong": Text(
        "This cannot be the value of {source}: {detail}.",
        "Read the value again at its source; if it stays so, annul the draw and announce another.",
    ),
    "letters_secret_wrong": Text(
        "The secret of the pseudonyms has {length} bytes.",
        "Give the 32 random bytes that were fixed with the extract.",
    ),
    "letters_too_many": Text(
        "The stratum {stratum} has {eligible} eligible persons for {letters} letters.",
        "Give it fewer letters, or take in strata that are wide enough.",
    ),
    "letters_cut_offs_wrong": Text(
        "The strata do not each have one name and one cut-off a wave.", "Give every stratum once."
    ),
    "letters_waves_wrong": Text(
        "The waves of the stratum {stratum} do not add up to its {letters} letters.",
        "Give every stratum as many waves, whose letters add up to its own.",
    ),
    "letters_places_wrong": Text(
        "The places of the stratum {stratum} do not fit: at least its {letters} letters, at most its eligible persons, and only in draws by groups.",
        "Give every stratum its places in a draw by groups, and none in others.",
    ),
    "letters_secret_missing": Text(
        "The record orders keyed pseudonyms, and nobody can make them again without their secret.",
        "Give the file with the secret that was committed together with the extract.",
    ),
    "letters_not_drawn": Text(
        "This is no record of letters that were drawn.", "Draw the first wave, then continue its record."
    ),
    "letters_in_one_walk": Text(
        "Letters for homes are drawn in one walk, which cannot go on afterwards.",
        "Plan all waves before the draw, or draw persons without homes.",
    ),
    "letters_not_shared_out": Text(
        "The letters of the wave are not shared out as the draw was announced: in proportion to who can be drawn.",
        "Give the number of the whole wave, and take the shares that follow from it.",
    ),
    "alternates_used_up": Text(
        "No alternate is left for the vacated seat.",
        "Leave the seat empty until the next draw, or announce a draw for it.",
    ),
    # -- tables -----------------------------------------------------------------------------------
    "tables_nobody": Text("There is nobody to seat.", "Take the attendance first."),
    "tables_size_wrong": Text("A table cannot have {size} persons.", "Give 1 or more."),
    "tables_rounds_wrong": Text("{rounds} is not a number of rounds.", "Give 1 or more."),
    "tables_steps_wrong": Text(
        "After {steps} steps not every round has its tables.",
        "Give at least {rounds}, the number of rounds.",
    ),
    "tables_sweeps_wrong": Text("{sweeps} is not a number of sweeps.", "Give 0 or more."),
    "tables_round_unknown": Text("{file} has no round {round}.", "Give the number of a round of the plan."),
    "tables_id_repeated": Text("A person stands twice in the list.", "Give each person once."),
    "tables_id_unknown": Text(
        "{count} of the persons to keep apart, together or at a table are not in the list.",
        "Take them off the conditions, or add them to the list.",
    ),
    "tables_wishes_clash": Text(
        "The same persons are to sit together and apart, or at two tables at once.",
        "Take one of the conditions back.",
    ),
    "tables_impossible": Text(
        "No seating was found that keeps all conditions.",
        "Take conditions back, or make the tables larger or smaller.",
    ),
    "tables_nobody_leads": Text(
        "Every facilitator has an interest in what table {table} treats.",
        "Choose another facilitator too, or give the table another point of the programme.",
    ),
    # -- opinions ---------------------------------------------------------------------------------
    "votes_shape": Text(
        "The votes do not fit {persons} persons and {statements} statements.",
        "Give one row per person and one column per statement.",
    ),
    "votes_value": Text(
        "A vote is none of agree, pass, disagree and unseen.",
        "Use 1 for agree, 0 for pass, -1 for disagree, and 2 for unseen in a matrix.",
    ),
    "votes_id_repeated": Text(
        "A person or a statement stands twice in the votes.", "Give each an id of its own."
    ),
    "vote_wrong": Text(
        "This is not a vote.", "Use 1 for agree, 0 for pass, -1 for disagree; leave out what was not seen."
    ),
    "groups_wrong": Text(
        "The groups do not fit the votes.", "Number them from 0 without a gap, and name persons who voted."
    ),
    "map_persons_wrong": Text(
        "A map of so few persons would show single ones.", "Ask for {fewest} or more."
    ),
    "map_format": Text("This is no published opinion map.", "Give a document whose format is {format}."),
    # -- evaluation -------------------------------------------------------------------------------
    "measure_input_wrong": Text(
        "Nothing can be measured with these figures.",
        "Give figures of everybody, none negative and not all 0, as many before as after, and shares that add up to 1.",
    ),
    "reading_language_unknown": Text(
        "There is no formula for texts in {language}.", "Use one of these languages: {known}."
    ),
    # -- ballots ----------------------------------------------------------------------------------
    "ballot_papers_too_many": Text(
        "{papers} papers are in the box, but only {eligible} persons may vote.",
        "Do not count. Find out how the papers came in, and repeat the ballot.",
    ),
    "ballot_threshold_wrong": Text(
        "{threshold} is not a threshold that can be reached.", "Give a fraction above 0 and up to 1."
    ),
    "ballot_quorum_wrong": Text("{quorum} is not a quorum.", "Give a fraction from 0 to 1."),
    "colleges_repeated": Text(
        "The colleges of the vote have no names of their own.", "Name each college once."
    ),
    "colleges_none_binds": Text(
        "No college decides: every vote is advice.", "Say whose vote binds, or add the colleges up."
    ),
    "colleges_weight_wrong": Text(
        "The college {college} has the weight {weight}.", "Give a whole number of 1 or more."
    ),
    "ballot_abstention_wrong": Text("{word} is not how abstentions count.", "Give excluded or counted."),
    "ballot_choice_wrong": Text("{word} is not a vote.", "Write yes, no or abstain."),
    "ballot_mark_wrong": Text(
        "{word} is not a mark.", "Write 1 or x where it is marked, else leave it empty."
    ),
    "ballot_place_twice": Text("The paper gives one place twice.", "Each place goes to one option."),
    "fraction_wrong": Text("{text} is not a fraction for {name}.", "Write it as 4/5, or as 0.8."),
    "choice_options_repeated": Text("An option stands twice on the ballot.", "Name each option once."),
    "choice_option_unknown": Text(
        "Paper {paper} names an option that is not on the ballot.", "Use the options as published."
    ),
    "choice_option_twice": Text("Paper {paper} names an option twice.", "Name each option once."),
    "choice_weight_wrong": Text("Paper {paper} has no weight.", "Give each paper a weight above 0."),
    "choice_places_wrong": Text(
        "{places} of {options} options cannot be chosen.", "Give a number from 1 to the number of options."
    ),
    "paper_secret_length_wrong": Text(
        "The secret of a paper has {length} bytes instead of 16.",
        "Give the secret that came with the paper.",
    ),
}


class IsegoriaError(Exception):
    """An error with a code from `TEXTS`, parameters for its two sentences, and a place.

    Parameters
    ----------
    code
        A key of `TEXTS`.
    place
        Where in the input, if it came from a file or a form.
    parameters
        Values for the braces of both sentences. Never personal data: errors reach logs.

    Raises
    ------
    KeyError
        If the code is not registered; this is a mistake in our code, never in an input.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, code: str, place: Place | None = None, **parameters: object) -> None:
        self.code = code
        self.place = place or Place()
        self.parameters: Mapping[str, object] = parameters
        self.text = TEXTS[code]
        super().__init__(code)

    @property
    def problem(self) -> str:
        """What happened, in English, without the place."""
        return self.text.problem.format_map(self.parameters)

    @property
    def way_out(self) -> str:
        """How to repair it, in English."""
        return self.text.way_out.format_map(self.parameters)

    def __str__(self) -> str:
        """Place, problem and way out, ready for a terminal."""
        where = f"{self.place}: " if str(self.place) else ""
        return f"{where}{self.problem} {self.way_out}"


class BadInput(IsegoriaError):
    """The input is not what it should be; nothing was loaded."""

    exit_code = 2


class BadInputs(BadInput):
    """Several faults of one input, so that they can be repaired in one go."""

    def __init__(self, faults: Sequence[BadInput], total: int | None = None) -> None:
        self.faults = tuple(faults[:SHOWN_AT_ONCE])
        self.total = len(faults) if total is None else total
        super().__init__("several", count=self.total)

    def __str__(self) -> str:
        """List the faults one a line, then say how many more there are."""
        lines = [f"{self.problem} {self.way_out}", *(f"  {fault}" for fault in self.faults)]
        if self.total > len(self.faults):
            lines.append(f"  … and {self.total - len(self.faults)} more")
        return "\n".join(lines)


class Infeasible(IsegoriaError):
    """The input is well formed, but nothing satisfies all of its conditions."""

    exit_code = 3


def collect(faults: Sequence[BadInput], total: int | None = None) -> None:
    """Raise the one fault, or all of them together; return where there is none.

    Raises
    ------
    BadInput
        If there is exactly one fault.
    BadInputs
        If there are more.
    """
    if not faults:
        return
    if len(faults) == 1 and total in {None, 1}:
        raise faults[0]
    raise BadInputs(faults, total)
