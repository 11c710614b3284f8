// The shell with something in it.

import {
  AppShell,
  Avatar,
  Breadcrumb,
  Button,
  IconButton,
  NavItem,
  NavSection,
} from "@megalith/ui";
import { Boxes, House, Inbox, Package, Search, Star, Users } from "lucide-react";
import { type ReactNode, useState } from "react";
import styles from "./Gallery.module.css";

export function ShellSection(): ReactNode {
  const [open, setOpen] = useState(false);
  const [unfolded, setUnfolded] = useState(true);
  const collapsed = new URLSearchParams(location.search).has("collapsed");
  return (
    <AppShell
      collapsed={collapsed}
      open={open}
      onOpen={setOpen}
      brand={
        <>
          <Avatar name="Northwind" square />
          {!collapsed && <b>Northwind</b>}
        </>
      }
      sidebar={
        <>
          <NavSection>
            <NavItem href="#home" label="Home" icon={<House />} keys="g h" current />
            <NavItem href="#inbox" label="Inbox" icon={<Inbox />} count={4} />
          </NavSection>
          <NavSection title="Operations" open={unfolded} onToggle={() => setUnfolded(!unfolded)}>
            <NavItem
              href="#orders"
              label="Sales orders"
              icon={<Package />}
              action={
                <IconButton size="small" label="Favourite">
                  <Star />
                </IconButton>
              }
            />
            <NavItem href="#items" label="Items" icon={<Boxes />} />
            <NavItem
              href="#people"
              label="A name that is too long for this place"
              icon={<Users />}
            />
          </NavSection>
        </>
      }
      crumbs={
        <Breadcrumb items={[{ label: "Operations", href: "#o" }, { label: "Sales orders" }]} />
      }
      actions={
        <>
          <IconButton label="Search">
            <Search />
          </IconButton>
          <Button look="main">New</Button>
        </>
      }
      bottom={[
        { id: "home", label: "Home", icon: <House />, href: "#home", current: true },
        { id: "inbox", label: "Inbox", icon: <Inbox />, href: "#inbox" },
        { id: "search", label: "Search", icon: <Search />, onSelect: () => {} },
      ]}
    >
      <div className={styles.content}>
        <h1>Sales orders</h1>
      </div>
    </AppShell>
  );
}
