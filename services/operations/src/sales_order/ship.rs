//! The act `ship`: the goods leave the house and the stock.

use super::SalesOrder;
use crate::order;
use crate::stock_move::{self, Movement};
use futures::future::BoxFuture;
use kernel::Problem;
use kernel::service::Work;

/// What the act takes besides.
const INPUT: [&str; 3] = ["shipped_on", "carrier", "tracking_number"];

/// Notes the day and appends a delivery for every good of the order.
pub fn ship<'a>(work: &'a mut Work<'_>) -> BoxFuture<'a, Result<(), Problem>> {
    Box::pin(async move {
        order::take_input(work, &INPUT);
        let on = order::day_of_act(work, SalesOrder::SHIPPED_ON);
        stock_move::append(work, Movement::Delivery, on).await
    })
}
