// The sidebar within administration: its pages, and the way back to work.

import type { Schema } from "@megalith/meta";
import { NavItem, NavSection, useUi } from "@megalith/ui";
import { ArrowLeft, ArrowRight, Settings2 } from "lucide-react";
import type { ReactNode } from "react";
import { t } from "../app/words";
import { adminPlaces, placeOf } from "./places";
import { ta } from "./words";

export default function AdminNav({
  schema,
  pathname,
  isAdministrator,
}: {
  schema: Schema;
  pathname: string;
  isAdministrator: boolean;
}): ReactNode {
  const isRtl = useUi().dir === "rtl";
  const places = adminPlaces(schema, isAdministrator);
  const here = placeOf(places, pathname);
  return (
    <>
      <NavSection>
        <NavItem href="/" label={ta("backToWork")} icon={isRtl ? <ArrowRight /> : <ArrowLeft />} />
      </NavSection>
      <NavSection title={t("administration")}>
        <NavItem
          href="/admin"
          label={ta("overview")}
          icon={<Settings2 />}
          current={pathname === "/admin"}
        />
        {places.map((place) => {
          const Icon = place.icon;
          return (
            <NavItem
              key={place.path}
              href={place.path}
              label={place.label}
              icon={<Icon />}
              current={place === here}
            />
          );
        })}
      </NavSection>
    </>
  );
}
