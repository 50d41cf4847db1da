// One visitor, whose cookies last as long as the process.
const jar = new Map();

export async function cookies() {
  return {
    get: (name) => jar.get(name),
    set: (name, value, options) => jar.set(name, { name, value, ...options }),
  };
}

const phone =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";

export async function headers() {
  return new Headers({ "user-agent": phone, "x-real-ip": "203.0.113.9" });
}
