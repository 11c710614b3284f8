//! Every format reads as the same table; the public CSV suite reads as its JSON says.

use super::*;

fn write(name: &str, bytes: &[u8]) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("exchange-source-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn read(path: &Path, format: &Format) -> (Vec<String>, Vec<Row>) {
    let table = open(path, format).unwrap();
    let columns = table.columns.clone();
    (columns, table.map(Result::unwrap).collect())
}

fn cells(rows: &[Row]) -> Vec<Vec<&str>> {
    rows.iter().map(|row| row.cells.iter().map(String::as_str).collect()).collect()
}

#[test]
fn the_same_table_is_read_from_every_format() {
    let utf16: Vec<u8> = [0xfeff]
        .into_iter()
        .chain("id\tname\n1\tLuís\n2\t\n".encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, (id, name)) in [("id", "name"), ("1", "Luís"), ("2", "")].into_iter().enumerate() {
        sheet.write_string(row as u32, 0, id).unwrap();
        sheet.write_string(row as u32, 1, name).unwrap();
    }
    let book = book.save_to_buffer().unwrap();
    for (name, bytes) in [
        ("a.csv", "id,name\n1,Luís\n2,\n".as_bytes()),
        ("b.csv", "\u{feff}id;name\r\n1;\"Luís\"\r\n2;\r\n".as_bytes()),
        ("c.tsv", &utf16),
        ("d.txt", b"id|name\n1|Lu\xeds\n2|\n"),
        ("e.jsonl", "{\"id\":1,\"name\":\"Luís\"}\n\n{\"id\":\"2\",\"name\":null}\n".as_bytes()),
        ("f.xlsx", &book),
    ] {
        let (columns, rows) = read(&write(name, bytes), &Format::default());
        assert_eq!(columns, ["id", "name"], "{name}");
        assert_eq!(cells(&rows), [["1", "Luís"], ["2", ""]], "{name}");
        assert!(rows.iter().all(|row| row.fault.is_none()), "{name}");
    }
}

#[test]
fn a_table_without_names_takes_them_from_the_format_or_counts_them() {
    let path = write("plain.csv", b"1,Beverages\n2,Condiments\n");
    let (columns, rows) = read(&path, &Format::default());
    assert_eq!(columns, ["column_1", "column_2"]);
    assert_eq!(rows.len(), 2);
    let named =
        Format { columns: Some(vec!["ID".to_owned(), "Name".to_owned()]), ..Format::default() };
    let (columns, rows) = read(&path, &named);
    assert_eq!(columns, ["ID", "Name"]);
    assert_eq!(cells(&rows), [["1", "Beverages"], ["2", "Condiments"]]);
}

#[test]
fn cells_over_several_lines_keep_the_line_on_which_their_row_begins() {
    let path = write("lines.csv", b"a,b\n1,\"x\ny\"\n2,z\n");
    let (_, rows) = read(&path, &Format::default());
    assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 4]);
    assert_eq!(cells(&rows), [["1", "x\ny"], ["2", "z"]]);
}

#[test]
fn delimiters_and_terminators_of_several_characters_are_read() {
    let path = write("odd.csv", b"1+|a\nb+|c&|\n2+|d+|&|\n");
    let format = Format {
        delimiter: Some("+|".to_owned()),
        terminator: Some("&|".to_owned()),
        columns: Some(["id", "x", "y"].map(str::to_owned).to_vec()),
        ..Format::default()
    };
    let (_, rows) = read(&path, &format);
    assert_eq!(cells(&rows), [["1", "a\nb", "c"], ["2", "d", ""]]);
    assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [1, 3]);
}

#[test]
fn a_row_of_another_width_is_a_fault_of_that_row_only() {
    let path = write("ragged.csv", b"a,b\n1,2,3\n1\n1,2,\n1,2\n");
    let (_, rows) = read(&path, &Format::default());
    let faults: Vec<bool> = rows.iter().map(|row| row.fault.is_some()).collect();
    assert_eq!(faults, [true, true, false, false]);
}

#[test]
fn a_line_that_is_no_object_is_a_fault_of_that_line_only() {
    let path = write("bad.jsonl", b"{\"a\":{\"b\":1.50}}\n[1]\n{\n");
    let (columns, rows) = read(&path, &Format::default());
    assert_eq!(columns, ["a.b"]);
    assert_eq!(rows[0].cells, ["1.50"]);
    assert!(rows[1].fault.is_some() && rows[2].fault.is_some());
}

#[test]
fn dates_and_numbers_of_a_workbook_are_plain_text() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("Orders").unwrap();
    let format = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
    sheet.write_string(0, 0, "on").unwrap();
    sheet.write_string(0, 1, "amount").unwrap();
    let at = rust_xlsxwriter::ExcelDateTime::parse_from_str("1996-07-04T09:30:00").unwrap();
    sheet.write_datetime_with_format(1, 0, at, &format).unwrap();
    sheet.write_number(1, 1, 32.38).unwrap();
    sheet.write_number(3, 1, 12.0).unwrap();
    let path = write("dates.xlsx", &book.save_to_buffer().unwrap());
    let (_, rows) = read(&path, &Format { sheet: Some("Orders".to_owned()), ..Format::default() });
    assert_eq!(cells(&rows), [["1996-07-04 09:30:00", "32.38"], ["", "12"]]);
    assert_eq!(rows[1].line, 4);
    let missing = Format { sheet: Some("Nope".to_owned()), ..Format::default() };
    assert!(open(&path, &missing).unwrap_err().detail.contains("Orders"));
}

#[test]
fn the_public_csv_suite_reads_as_its_json_says() {
    let Some(folder) = testkit::data::set("csv-spectrum", 12) else { return };
    let mut checks = 0;
    for entry in std::fs::read_dir(folder.join("raw/csvs")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(folder.join(format!("raw/json/{name}.json"))).unwrap();
        // The suite's JSON of this file has another telephone number than its CSV.
        let text = match name.as_str() {
            "location_coordinates" => text.replace("1234567890", "2095257564"),
            _ => text,
        };
        // A table of one row is an object there, not a list.
        let expected: Vec<BTreeMap<String, String>> = match text.trim_start().starts_with('{') {
            true => vec![serde_json::from_str(&text).unwrap()],
            false => serde_json::from_str(&text).unwrap(),
        };
        let (columns, rows) = read(&path, &Format { header: Some(true), ..Format::default() });
        let found: Vec<BTreeMap<String, String>> =
            rows.into_iter().map(|row| columns.iter().cloned().zip(row.cells).collect()).collect();
        assert_eq!(found, expected, "{name}");
        checks += 1;
    }
    assert_eq!(checks, 12);
    testkit::data::report_checks(checks);
}

#[test]
fn the_apostrophe_of_an_export_is_taken_away_where_the_format_says_so() {
    let path = write("neutral.csv", b"a,b,c\n'=1+1,'tis,'-5\n");
    let exported = Format { apostrophes: true, ..Format::default() };
    let (_, rows) = read(&path, &exported);
    assert_eq!(cells(&rows), [["=1+1", "'tis", "'-5"]]);
    let (_, rows) = read(&path, &Format::default());
    assert_eq!(cells(&rows), [["'=1+1", "'tis", "'-5"]]);
}
