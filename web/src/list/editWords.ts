// What working in a list says; it loads with the list.

import { sayOf } from "@megalith/i18n";

export const tg = sayOf("grid");
