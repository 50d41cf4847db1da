import barba from "@barba/core";

// While one page leaves and the other enters, both are there.
const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
barba.init({ transitions: [{ name: "slow", sync: true, leave: pause, enter: pause }] });
