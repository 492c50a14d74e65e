// Package e2e holds journeys of a person through the console: the built
// binary against the stand-in, each a process of its own, in a real Chromium.
//
// Most of them use chromium-headless-shell where it is installed, which is
// Chromium without its window and takes half the time; what the window does,
// such as Back and the clipboard, is seen in the whole browser.
//
// CONSOLE_BINARY names the binary to test; without it one is built. E2E_SHOTS
// names a folder for screenshots; without it none are made.
//
// With OBP_TEST_URL the journeys use that OBP server instead: see
// docs/own-server.md.
package e2e
