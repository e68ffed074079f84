package io.whygate.e2e.lab;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The machine's own Chromium, without a window, driven by Playwright. Nothing is downloaded.
public record Chromium(Playwright playwright, Browser browser) implements AutoCloseable {
  private static final List<String> ARGUMENTS =
      List.of(
          "--disable-gpu",
          "--disable-dev-shm-usage",
          "--no-first-run",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-sync");

  /// Starts it: some seconds, so once a class.
  ///
  /// @param more arguments; without any it speaks no QUIC
  public static Chromium start(String... more) {
    List<String> arguments = new ArrayList<>(ARGUMENTS);
    arguments.addAll(more.length == 0 ? List.of("--disable-quic") : List.of(more));
    Playwright playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    Browser browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(Path.of("/usr/bin/chromium"))
                    .setHeadless(true)
                    .setChromiumSandbox(false)
                    .setArgs(arguments));
    return new Chromium(playwright, browser);
  }

  /// A browser window with cookies and cache of its own.
  public BrowserContext newContext(Browser.NewContextOptions options) {
    BrowserContext context = browser.newContext(options);
    context.setDefaultTimeout(60_000);
    return context;
  }

  /// A page with cookies and cache of its own, for a visitor who reads `locale`.
  public Page newPage(String locale) {
    return newContext(new Browser.NewContextOptions().setLocale(locale)).newPage();
  }

  @Override
  public void close() {
    browser.close();
    playwright.close();
  }
}
