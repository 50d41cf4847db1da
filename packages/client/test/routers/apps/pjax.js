import Pjax from "pjax";

new Pjax({ elements: "a", selectors: ["title", "main"], cacheBust: false });
