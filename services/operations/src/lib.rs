//! Operations: customers and suppliers, items and stock, what is sold and bought.

pub mod carrier;
pub mod contact;
pub mod customer;
pub mod demo;
pub mod item;
pub mod item_category;
mod order;
pub mod price_list;
pub mod purchase_order;
pub mod roles;
mod rules;
pub mod sales_order;
pub mod stock_move;
pub mod supplier;
pub mod unit;

pub use carrier::Carrier;
pub use contact::Contact;
pub use customer::Customer;
pub use item::Item;
pub use item_category::ItemCategory;
use kernel::Service;
pub use price_list::{PriceList, PriceListLine};
pub use purchase_order::{PurchaseOrder, PurchaseOrderLine};
pub use sales_order::{SalesOrder, SalesOrderLine};
pub use stock_move::StockMove;
pub use supplier::Supplier;
pub use unit::Unit;

/// The service: its entities, then what completes and checks them in the order it runs, then acts.
pub fn service() -> Service {
    let service = Service::new("operations")
        .entity::<Customer>()
        .entity::<Supplier>()
        .entity::<Contact>()
        .entity::<Unit>()
        .entity::<ItemCategory>()
        .entity::<Item>()
        .entity::<PriceList>()
        .entity::<PriceListLine>()
        .entity::<Carrier>()
        .entity::<SalesOrder>()
        .entity::<SalesOrderLine>()
        .entity::<PurchaseOrder>()
        .entity::<PurchaseOrderLine>()
        .entity::<StockMove>()
        .check::<Customer>(rules::country)
        .check::<Customer>(rules::currency)
        .check::<Supplier>(rules::country)
        .check::<Supplier>(rules::currency)
        .check::<Contact>(contact::rules::belongs_to_one)
        .check::<Unit>(unit::rules::ratio)
        .check::<Unit>(unit::rules::base)
        .check::<Item>(rules::country)
        .check::<Item>(rules::currency)
        .check::<Item>(item::rules::numbers)
        .check::<PriceList>(rules::currency)
        .check::<PriceList>(price_list::rules::dates)
        .check::<PriceList>(price_list::rules::lines)
        .prepare::<SalesOrder>(sales_order::complete)
        .prepare::<PurchaseOrder>(purchase_order::complete)
        .check::<StockMove>(stock_move::rules::direction);
    orders::<PurchaseOrder>(orders::<SalesOrder>(service))
        .act::<SalesOrder>("ship", sales_order::ship::ship)
        .act::<PurchaseOrder>("receive", purchase_order::receive::receive)
}

/// The checks of both kinds of orders.
fn orders<E: kernel::Declare>(service: Service) -> Service {
    service
        .check::<E>(rules::currency)
        .check::<E>(order::rules::has_lines)
        .check::<E>(order::rules::lines)
        .check::<E>(order::rules::dates)
        .check::<E>(order::rules::freight)
        .check::<E>(order::rules::amounts)
        .check::<E>(order::rules::stands)
}
