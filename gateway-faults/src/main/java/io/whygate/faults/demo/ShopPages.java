package io.whygate.faults.demo;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.whygate.faults.http.Response;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// The pages of the shop, made once from the frame and the texts.
final class ShopPages {
  private static final String FRAME = Resources.text("shop-frame.html");

  private final Map<String, String> pages = new LinkedHashMap<>();

  ShopPages() {
    add("/", "Lamps for long evenings", "home.html");
    add("/products/storm-lantern", "Storm Lantern", "storm-lantern.html");
    add("/products/desk-moon", "Desk Moon", "desk-moon.html");
    add("/about", "About us", "about.html");
    add("/journal", "Journal", "journal.html");
    add("/journal/trimming-a-wick", "Trimming a wick", "trimming-a-wick.html");
    add("/checkout", "Checkout", "checkout.html");
  }

  Optional<String> at(String path) {
    return Optional.ofNullable(pages.get(path));
  }

  String notFound() {
    return framed(
        "Not here", "<h1>Not here</h1><p>This page does not exist. <a href=\"/\">Home</a></p>");
  }

  String thanks(String name) {
    return framed(
        "Thank you",
        "<h1>Thank you, %s!</h1><p>Your order is noted. This is a demo: nothing is charged and nothing is sent.</p>"
            .formatted(Html.escaped(name)));
  }

  static Response overloaded() {
    return Response.html(
            503,
            framed(
                "Too many guests",
                "<h1>Too many guests at once</h1><p>The shop itself says so. Please try again in a moment.</p>"))
        .with("Server", "fern-and-fog");
  }

  static Response maintenance() {
    return Response.html(
            503,
            framed(
                "Closed for an hour",
                "<h1>We are dusting the shelves</h1><p>The shop itself says so. Back in two minutes.</p>"))
        .with("Server", "fern-and-fog")
        .with("Retry-After", "120");
  }

  /// A whole head and the first half of the home page, each byte as one character.
  static String cutShort() {
    String home = framed("Lamps for long evenings", Resources.text("home.html"));
    String bytes = new String(home.getBytes(UTF_8), ISO_8859_1);
    return "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nServer: fern-and-fog\r\n"
        + "Content-Length: %d\r\n\r\n%s"
            .formatted(bytes.length(), bytes.substring(0, bytes.length() / 2));
  }

  private void add(String path, String title, String file) {
    pages.put(path, framed(title, Resources.text(file)));
  }

  private static String framed(String title, String body) {
    return FRAME.replace("{{title}}", Html.escaped(title)).replace("{{body}}", body);
  }
}
