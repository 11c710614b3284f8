// The style sheet of the tokens, for an entry to load.
import "../tokens.css";
