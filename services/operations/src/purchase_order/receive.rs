//! The act `receive`: the goods came and enter the stock.

use super::PurchaseOrder;
use crate::order;
use crate::stock_move::{self, Movement};
use futures::future::BoxFuture;
use kernel::Problem;
use kernel::service::Work;

/// What the act takes besides.
const INPUT: [&str; 2] = ["received_on", "supplier_reference"];

/// Notes the day and appends a receipt for every good of the order.
pub fn receive<'a>(work: &'a mut Work<'_>) -> BoxFuture<'a, Result<(), Problem>> {
    Box::pin(async move {
        order::take_input(work, &INPUT);
        let on = order::day_of_act(work, PurchaseOrder::RECEIVED_ON);
        stock_move::append(work, Movement::Receipt, on).await
    })
}
