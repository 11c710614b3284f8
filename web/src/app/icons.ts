// A picture for each kind of record, from words in its name; others get a sheet of paper.

import {
  BookUser,
  Boxes,
  Briefcase,
  Building2,
  FileText,
  History,
  KeyRound,
  type LucideIcon,
  Monitor,
  Network,
  Package,
  Ruler,
  Shield,
  ShoppingCart,
  Store,
  Tag,
  Timer,
  Truck,
  Users,
} from "lucide-react";

const known: [RegExp, LucideIcon][] = [
  [/purchase/, ShoppingCart],
  [/order/, Package],
  [/customer/, Store],
  [/supplier/, Briefcase],
  [/carrier|vehicle/, Truck],
  [/contact|user/, BookUser],
  [/employee|member|team/, Users],
  [/department/, Network],
  [/price|categor|tag/, Tag],
  [/item|stock|product/, Boxes],
  [/unit/, Ruler],
  [/compan|org/, Building2],
  [/change|event|log/, History],
  [/job/, Timer],
  [/key|credential/, KeyRound],
  [/role|grant/, Shield],
  [/session/, Monitor],
];

export function iconOf(entity: { name: string }): LucideIcon {
  const name = entity.name.split(".").at(-1) ?? "";
  return known.find(([words]) => words.test(name))?.[1] ?? FileText;
}
