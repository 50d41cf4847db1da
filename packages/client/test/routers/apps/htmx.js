import htmx from "htmx.org";

// The browser of the tests has an early draft of it, which htmx does not expect.
Document.parseHTMLUnsafe = undefined;
window.htmx = htmx;
import("htmx.org/dist/ext/hx-head.js");
