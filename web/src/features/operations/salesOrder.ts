// Order entry at the telephone: who, then item and quantity, line after line. Everything else has
// been settled with the customer, or is asked later.

import type { Layout } from "../../engine/layout";

const layout: Layout = {
  head: ["customer", "ordered_on", "required_on", "customer_reference"],
  lead: "customer",
  lines: {
    lines: {
      order: ["item", "quantity", "unit", "price", "discount", "tax_rate", "description", "amount"],
      flow: ["item", "quantity"],
    },
  },
};

export default layout;
