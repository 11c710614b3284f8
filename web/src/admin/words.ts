// What administration says.

import { sayOf } from "@megalith/i18n";

export const ta = sayOf("admin");
