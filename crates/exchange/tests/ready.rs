//! The ready mappings on small data of the project's own, in the form of the data sets they are for.

mod common;

use common::*;
use exchange::ready;
use kernel::schema::slot;
use types::Value;

/// Imports a small data set twice; the second time nothing changes.
async fn imported(name: &str) -> Memory {
    let folder = data(name);
    let mapping = ready::find(&folder).unwrap().expect("the folder is recognised");
    assert_eq!(mapping.name, name);
    let memory = Memory::new();
    let (dry, seen) = import(&memory, &mapping, &folder, &(), true).await;
    assert_eq!(seen.reasons(), [], "{name}");
    let (report, seen) = import(&memory, &mapping, &folder, &(), false).await;
    assert_eq!(seen.reasons(), [], "{name}");
    let report = report.unwrap();
    let (again, _) = import(&memory, &mapping, &folder, &(), false).await;
    assert_eq!(counts(&again.unwrap())[..2], [0, 0], "{name}");
    assert_eq!(dry.unwrap(), report, "{name}");
    memory
}

#[tokio::test]
async fn northwind() {
    let memory = imported("northwind").await;
    let order = memory.external("operations.sales_order", "northwind", "1001");
    let supplier = memory.external("operations.supplier", "northwind", "1");
    let kim = memory.external("hr.employee", "northwind", "1");
    let sam = memory.external("hr.employee", "northwind", "2");
    assert_eq!(order.values[slot::NUMBER], Value::from("1001"));
    assert_eq!((order.state(), rows(&order, "lines").len()), (Some("shipped"), 2));
    // 3 x 18.50 less 5 % is 52.725, half up 52.73; 5 x 0.10 less 1 % is 0.495, half up 0.50.
    assert_eq!(format!("{:?}", order.get("net")), "Money(Money { minor: 5323, currency: USD })");
    assert_eq!(member(supplier.get("address"), "country"), "SE");
    assert_eq!(kim.get("manager").as_id(), Some(sam.id()));
    assert_eq!(memory.all("operations.stock_move").len(), 1);
    let open = memory.external("operations.sales_order", "northwind", "1002");
    assert_eq!(open.state(), Some("confirmed"));
    memory.external("operations.customer", "northwind", "ODD ");
}

#[tokio::test]
async fn chinook() {
    let memory = imported("chinook").await;
    let album = memory.external("operations.item_category", "chinook-album", "1");
    let artist = memory.external("operations.item_category", "chinook-artist", "1");
    assert_eq!(album.get("parent").as_id(), Some(artist.id()));
    let track = memory.external("operations.item", "chinook", "1");
    assert_eq!(track.get("notes").as_text(), Some("Jazz"));
    for (key, expected) in [("1", "Eva Fir"), ("2", "Yew Ltd")] {
        let customer = memory.external("operations.customer", "chinook", key);
        assert_eq!(customer.get("name").as_text(), Some(expected));
    }
    let invoice = memory.external("operations.sales_order", "chinook", "1");
    assert_eq!(format!("{:?}", invoice.get("net")), "Money(Money { minor: 298, currency: USD })");
}

#[tokio::test]
async fn adventureworks() {
    let memory = imported("adventureworks-oltp").await;
    let of = |entity: &str, key: &str| memory.external(entity, "adventureworks", key);
    let wheel = of("operations.item", "2");
    assert_eq!(wheel.get("supplier").as_id(), Some(of("operations.supplier", "10").id()));
    assert_eq!(wheel.get("unit").as_id(), Some(of("operations.unit", "EA").id()));
    for (key, weight, discontinued) in
        [("1", "Null", false), ("2", "Decimal(1.133981)", true), ("3", "Decimal(0.435)", false)]
    {
        let item = of("operations.item", key);
        assert_eq!(format!("{:?}", item.get("weight_kg")), weight);
        assert_eq!(*item.get("discontinued"), Value::Bool(discontinued));
    }
    let hub = of("operations.supplier", "10");
    assert_eq!(hub.get("name").as_text(), Some("Hub \"Best\" Makers"));
    for (key, login, department) in [("1", "ash0", "2"), ("2", "oak0", "1")] {
        let employee = of("hr.employee", key);
        assert_eq!(employee.get("last_name").as_text(), Some(login));
        let department = of("hr.department", department);
        assert_eq!(employee.get("department").as_id(), Some(department.id()));
    }
}
