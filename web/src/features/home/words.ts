// What the home page says.

import { sayOf } from "@megalith/i18n";

export const th = sayOf("home");
