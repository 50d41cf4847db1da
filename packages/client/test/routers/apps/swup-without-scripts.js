import Swup from "swup";

new Swup({ containers: ["main"], animationSelector: false });
