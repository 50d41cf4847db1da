import { Link } from "react-router";

export default function Home() {
  return (
    <>
      <h1>Agency</h1>
      {["script", "component", "passed-on", "server"].map((way) => (
        <Link key={way} to={`/${way}`}>
          {way}
        </Link>
      ))}
    </>
  );
}
