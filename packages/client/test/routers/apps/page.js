import page from "page";
import { showLinks, showPage } from "./naming.js";
import { names } from "./site.ts";

showLinks(names);
page("/:name", ({ params }) => showPage(params.name));
page();
