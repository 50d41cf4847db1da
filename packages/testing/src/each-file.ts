import { vi } from "vitest";

// Runs before each test file: the files of a worker share its process, and a test that failed may have left its clock.
vi.useRealTimers();
vi.unstubAllGlobals();
