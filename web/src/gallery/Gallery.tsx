// Every component but the grid and the shell, which fill pages of their own.

import {
  Avatar,
  Breadcrumb,
  Button,
  Callout,
  Checkbox,
  Chip,
  DateField,
  Dialog,
  EmptyState,
  ErrorState,
  FieldGroup,
  IconButton,
  Kbd,
  Mark,
  Menu,
  MoneyField,
  NumberField,
  Progress,
  Select,
  SidePanel,
  Skeleton,
  StatusDot,
  Switch,
  Tabs,
  TextArea,
  TextField,
  toast,
} from "@megalith/ui";
import { Combobox, type Option } from "@megalith/ui/combobox";
import { CommandPalette } from "@megalith/ui/palette";
import { Archive, Copy, Ellipsis, Package, Plus, Search, Star, Trash2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import styles from "./Gallery.module.css";

const people: Option[] = [
  { id: "1", label: "Amara Okafor", hint: "Lagos" },
  { id: "2", label: "José Ñuñez", hint: "Montevideo" },
  { id: "3", label: "أحمد الفاسي", hint: "الرباط" },
  { id: "4", label: "Zoë Müller", hint: "Zürich" },
];

function Section({ title, children }: { title: string; children: ReactNode }): ReactNode {
  return (
    <section className={styles.section}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

export function Gallery(): ReactNode {
  const [text, setText] = useState("Vins et alcools Chevalier");
  const [notes, setNotes] = useState("");
  const [count, setCount] = useState("1234.5");
  const [amount, setAmount] = useState<[string, string]>(["191.98", "EUR"]);
  const [day, setDay] = useState("2026-07-04");
  const [choice, setChoice] = useState("b");
  const [person, setPerson] = useState<Option | null>(people[0] ?? null);
  const [checked, setChecked] = useState(true);
  const [on, setOn] = useState(true);
  const [tab, setTab] = useState("all");
  const [open, setOpen] = useState<"" | "dialog" | "panel" | "palette">("");
  const [query, setQuery] = useState("");
  const nothing = () => {};
  return (
    <main className={styles.page} id="main">
      <div className={styles.top}>
        <Mark size={44} />
        <h1>Components</h1>
      </div>
      <Section title="Buttons">
        <div className={styles.line}>
          <Button look="main" icon={<Plus />}>
            New order
          </Button>
          <Button icon={<Copy />}>Duplicate</Button>
          <Button look="ghost">Cancel</Button>
          <Button look="danger" icon={<Trash2 />}>
            Delete
          </Button>
          <Button look="main" busy>
            Saving
          </Button>
          <Button reason="Only an accountant may post.">Post</Button>
          <Button disabled>Disabled</Button>
          <Button size="small">Small</Button>
        </div>
        <div className={styles.line}>
          <IconButton label="Search" keys="/">
            <Search />
          </IconButton>
          <IconButton label="Favourite" aria-pressed>
            <Star />
          </IconButton>
          <IconButton label="Archive" look="plain">
            <Archive />
          </IconButton>
          <IconButton label="Busy" busy>
            <Archive />
          </IconButton>
          <IconButton label="More" size="small">
            <Ellipsis />
          </IconButton>
          <Kbd keys="mod+k" />
          <Kbd keys="g h" />
          <Menu
            label="Actions"
            trigger={(props) => <Button {...props}>Menu</Button>}
            items={[
              { heading: "This order" },
              { id: "copy", label: "Duplicate", icon: <Copy />, keys: "mod+d", onSelect: nothing },
              { id: "star", label: "Favourite", checked: true, onSelect: nothing },
              { id: "post", label: "Post", reason: "The period is closed.", onSelect: nothing },
              "line",
              { id: "del", label: "Delete", icon: <Trash2 />, danger: true, onSelect: nothing },
            ]}
          />
        </div>
      </Section>
      <Section title="Fields">
        <FieldGroup title="Order">
          <TextField label="Customer" value={text} onChange={setText} required />
          <TextField
            label="Reference"
            value=""
            onChange={nothing}
            optional
            placeholder="The customer's own number"
            start={<Search />}
          />
          <TextField
            label="E-mail"
            value="ada@example"
            onChange={nothing}
            error="This is not an e-mail address."
          />
          <NumberField label="Quantity" value={count} onChange={setCount} places={2} end="pcs" />
          <MoneyField
            label="Freight"
            amount={amount[0]}
            currency={amount[1]}
            currencies={["EUR", "USD", "JPY"]}
            currencyLabel="Currency of the freight"
            onChange={(value, currency) => setAmount([value, currency])}
            hint="What bringing the goods costs."
          />
          <DateField label="Ordered on" value={day} onChange={setDay} />
          <Select
            label="Carrier"
            value={choice}
            onChange={setChoice}
            options={[
              { value: "a", label: "Speedy Express" },
              { value: "b", label: "United Package" },
            ]}
          />
          <Combobox
            label="Seller"
            value={person}
            onChange={setPerson}
            search={async (words) =>
              people.filter((one) => one.label.toLowerCase().includes(words.toLowerCase()))
            }
            onCreate={nothing}
          />
          <TextField label="Number" value="SO-2026-00042" onChange={nothing} readOnly />
          <TextField label="Closed" value="May not change" onChange={nothing} disabled />
          <TextArea label="Notes" value={notes} onChange={setNotes} placeholder="For the team" />
        </FieldGroup>
        <div className={styles.line}>
          <Checkbox label="Active" checked={checked} onChange={setChecked} />
          <Checkbox label="Some" checked={false} mixed onChange={nothing} />
          <Checkbox label="Off" checked={false} onChange={nothing} />
          <Checkbox label="Fixed" checked disabled onChange={nothing} />
          <Switch
            label="Single keys"
            checked={on}
            onChange={setOn}
            hint="Such as g h to go home."
          />
          <Switch label="Off" checked={false} onChange={nothing} />
        </div>
      </Section>
      <Section title="Status, people, places">
        <div className={styles.line}>
          <StatusDot tone="idle">Draft</StatusDot>
          <StatusDot tone="info">Confirmed</StatusDot>
          <StatusDot tone="good">Shipped</StatusDot>
          <StatusDot tone="warn">Late</StatusDot>
          <StatusDot tone="bad">Refused</StatusDot>
          <StatusDot tone="ended">Closed</StatusDot>
        </div>
        <div className={styles.line}>
          <Chip>Wholesale</Chip>
          <Chip icon={<Package />} onRemove={nothing} removeLabel="Remove the filter Beverages">
            Category is Beverages
          </Chip>
          {people.map((one) => (
            <Avatar key={one.id} name={one.label} size={28} />
          ))}
          <Avatar name="Northwind" size={28} square />
        </div>
        <Breadcrumb
          items={[
            { label: "Operations", href: "#o" },
            { label: "Sales orders", href: "#s" },
            { label: "SO-2026-00042" },
          ]}
        />
        <Tabs
          label="Views"
          value={tab}
          onChange={setTab}
          items={[
            { id: "all", label: "All", count: 830 },
            { id: "mine", label: "Mine", count: 12 },
            { id: "late", label: "Late" },
          ]}
        >
          <p>What the chosen view shows.</p>
        </Tabs>
      </Section>
      <Section title="To know">
        <div className={styles.wide}>
          <Callout tone="info" title="A copy to try things on">
            Nothing that you do here leaves the copy.
          </Callout>
          <Callout tone="good">The log verifies.</Callout>
          <Callout
            tone="warn"
            title="12 rows were refused"
            actions={<Button size="small">Show</Button>}
          >
            They are kept with their reasons.
          </Callout>
          <Callout tone="bad" title="The period is closed">
            Reopen July 2026, or choose another day.
          </Callout>
          <Progress label="Importing customers" value={0.62} text="62 %" />
          <Progress label="Preparing" />
          <Skeleton lines={3} at={0} />
        </div>
      </Section>
      <Section title="Over the page">
        <div className={styles.line}>
          <Button onClick={() => setOpen("dialog")}>Dialog</Button>
          <Button onClick={() => setOpen("panel")}>Side panel</Button>
          <Button onClick={() => setOpen("palette")}>Palette</Button>
          <Button onClick={() => toast({ text: "SO-2026-00042 confirmed", undo: nothing })}>
            Notice
          </Button>
          <Button onClick={() => toast({ text: "The server refused the change.", tone: "bad" })}>
            Fault
          </Button>
        </div>
      </Section>
      <Section title="Where nothing is">
        <EmptyState
          title="No orders yet"
          actions={
            <>
              <Button look="main">New order</Button>
              <Button>Load sample data</Button>
            </>
          }
        >
          An order follows the goods from the offer to the delivery.
        </EmptyState>
        <ErrorState
          problem={{ status: 503, code: "unavailable", request_id: "req_01jd8" }}
          actions={<Button>Try again</Button>}
        />
      </Section>
      <Dialog
        open={open === "dialog"}
        title="Post 3 invoices?"
        text="A posted invoice never changes. To take it back, cancel it: that posts its reversal."
        onClose={() => setOpen("")}
        actions={
          <>
            <Button onClick={() => setOpen("")}>Cancel</Button>
            <Button look="main" onClick={() => setOpen("")}>
              Post
            </Button>
          </>
        }
      >
        <DateField label="Posting day" value={day} onChange={setDay} />
      </Dialog>
      <SidePanel open={open === "panel"} title="SO-2026-00042" onClose={() => setOpen("")}>
        <StatusDot tone="info">Confirmed</StatusDot>
      </SidePanel>
      <CommandPalette
        open={open === "palette"}
        onClose={() => setOpen("")}
        query={query}
        onQuery={setQuery}
        placeholder="Search or act"
        groups={[
          {
            id: "act",
            heading: "This order",
            items: [
              { id: "confirm", label: "Confirm", icon: <Package />, onSelect: nothing },
              { id: "copy", label: "Duplicate", icon: <Copy />, keys: "mod+d", onSelect: nothing },
            ],
          },
          {
            id: "people",
            heading: "People",
            items: people.map((one) => ({ ...one, onSelect: nothing })),
          },
        ]}
        foot={
          <span>
            <Kbd keys="enter" /> open
          </span>
        }
      />
    </main>
  );
}
