import m from "mithril";
import { namingAttributes, putTag } from "./naming.js";
import { names } from "./site.ts";

/** Of each page another instance. */
const Page = {
  oncreate: (vnode) => {
    vnode.state.removeTag = putTag(vnode.attrs.name);
  },
  onremove: (vnode) => vnode.state.removeTag(),
  view: ({ attrs: { name } }) => m("main", namingAttributes(name), m("h1", name)),
};

// Routes behind `#!`, as is its default.
m.route(document.getElementById("app"), "/anna", {
  "/:name": {
    render: ({ attrs: { name } }) => [
      m(
        "nav",
        names.map((to) => m(m.route.Link, { href: `/${to}` }, to)),
      ),
      m("div", m(Page, { key: name, name })),
    ],
  },
});
