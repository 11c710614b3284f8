// Makes the first administrator with the one-time token of the link, then opens the reference.
import { fault, remember, send } from "/assets/session.js";

const field = (id) => document.getElementById(id);
// Behind the `#`, which browsers send to no server.
const token = location.hash.slice(1);
// The token leaves the address bar and the history as soon as it is read.
history.replaceState(null, "", "/setup");

if (!token) {
  field("fault").textContent = "Open the link that the server printed when it started: it holds a one-time token.";
  field("fault").className = "fault";
  field("form").hidden = true;
} else {
  field("currency").closest(".two").addEventListener("input", (event) => { event.target.value = event.target.value.toUpperCase(); });
  try { field("country").value = new Intl.Locale(navigator.language).region ?? ""; } catch { /* no region known */ }
  field("name").focus();
}

field("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = event.submitter ?? field("form").querySelector("button");
  button.disabled = true;
  const org = { name: field("org").value, zone: Intl.DateTimeFormat().resolvedOptions().timeZone || undefined };
  for (const name of ["country", "currency"]) if (field(name).value) org[name] = field(name).value;
  const body = { token, name: field("name").value, email: field("email").value, password: field("password").value, org, cookie: true };
  try {
    const answer = await send("POST", "/api/v1/auth/setup", { body: JSON.stringify(body) });
    if (answer.ok) {
      remember(true);
      location.assign("/");
      return;
    }
    field("fault").replaceChildren(fault(answer));
  } catch {
    field("fault").replaceChildren("The server does not answer. Is it still running?");
  }
  button.disabled = false;
  field("fault").scrollIntoView({ block: "center" });
});
