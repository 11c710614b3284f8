// What is bought: from whom, then item and quantity, line after line.

import type { Layout } from "../../engine/layout";

const layout: Layout = {
  head: ["supplier", "ordered_on", "required_on", "supplier_reference"],
  lead: "supplier",
  lines: {
    lines: {
      order: ["item", "quantity", "unit", "price", "discount", "tax_rate", "description", "amount"],
      flow: ["item", "quantity"],
    },
  },
};

export default layout;
