import htmx from "htmx-2";

window.htmx = htmx;
import("htmx-ext-head-support/dist/head-support.js");
