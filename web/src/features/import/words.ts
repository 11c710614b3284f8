// What the import says.

import { sayOf } from "@megalith/i18n";

export const ti = sayOf("import");
