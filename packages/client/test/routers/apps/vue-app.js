import { createApp, h, onUnmounted, watch } from "vue";
import { createRouter, RouterLink, RouterView } from "vue-router";
import { namingAttributes, putTag } from "./naming.js";
import { names } from "./site.ts";

/** One instance of this component shows page after page, as Vue Router has it. */
const Page = {
  props: ["name"],
  setup(props) {
    let remove = () => {};
    watch(
      () => props.name,
      (name) => {
        remove();
        remove = putTag(name);
      },
      { immediate: true },
    );
    onUnmounted(() => remove());
    return () => h("main", namingAttributes(props.name), h("h1", props.name));
  },
};

const App = () => [
  h(
    "nav",
    names.map((name) => h(RouterLink, { to: `/${name}` }, () => name)),
  ),
  h(RouterView),
];

export function showApp(history) {
  const router = createRouter({ history, routes: [{ path: "/:name", component: Page, props: true }] });
  createApp(App).use(router).mount("#app");
}
