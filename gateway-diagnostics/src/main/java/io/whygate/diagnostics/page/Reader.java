package io.whygate.diagnostics.page;

import java.util.Locale;
import java.util.Set;
import java.util.function.UnaryOperator;

/// What a request says of whoever will read the answer.
///
/// @param audience how much may be shown
/// @param method the request's method
/// @param form the form that suits, negotiated by RFC 9110 section 12
/// @param language the language that suits
/// @param behindFront whether a front between the reader and the gateway would replace a 502 or 504
///   by a page of its own
public record Reader(
    Audience audience, String method, Form form, Language language, boolean behindFront) {

  /// How much a reader may be shown.
  public enum Audience {
    /// Anybody.
    VISITOR,
    /// Who runs the gateway.
    OPERATOR
  }

  /// Fronts that replace the body of a 502 or 504, as they name themselves in CDN-Loop (RFC 8586).
  private static final Set<String> REPLACING_FRONTS = Set.of("cloudflare");

  /// Destinations (Fetch, `Sec-Fetch-Dest`) in which nobody would see an explanation.
  private static final Set<String> UNSEEN_DESTINATIONS =
      Set.of(
          "audio",
          "audioworklet",
          "font",
          "image",
          "json",
          "manifest",
          "paintworklet",
          "script",
          "serviceworker",
          "sharedworker",
          "style",
          "track",
          "video",
          "worker",
          "xslt");

  /// The reader behind a request.
  ///
  /// @param fields the value of the request's field of a lower-case name, several lines joined by a
  ///   comma; the empty string where there is none
  public static Reader of(Audience audience, String method, UnaryOperator<String> fields) {
    return of(audience, method, fields, Languages.BUILT_IN);
  }

  /// The same where operators may have added languages.
  public static Reader of(
      Audience audience, String method, UnaryOperator<String> fields, Languages languages) {
    return new Reader(
        audience,
        method,
        form(fields),
        languages.choose(fields.apply("accept-language")),
        isBehindFront(fields));
  }

  /// The same reader with the listener's own word on whether a front replaces pages.
  public Reader withFront(boolean replacesPages) {
    return new Reader(audience, method, form, language, replacesPages);
  }

  /// Whether repeating the request changes nothing (RFC 9110 section 9.2.1), so that a page may do
  /// so by itself.
  public boolean isSafe() {
    return method.equals("GET") || method.equals("HEAD");
  }

  private static Form form(UnaryOperator<String> fields) {
    String contentType = fields.apply("content-type").toLowerCase(Locale.ROOT);
    if (contentType.startsWith("application/grpc-web")) {
      return Form.GRPC_WEB;
    }
    if (contentType.startsWith("application/grpc")) {
      return Form.GRPC;
    }
    String destination = fields.apply("sec-fetch-dest").strip().toLowerCase(Locale.ROOT);
    if (UNSEEN_DESTINATIONS.contains(destination)) {
      return Form.TINY;
    }
    return Accept.choose(fields.apply("accept"));
  }

  private static boolean isBehindFront(UnaryOperator<String> fields) {
    if (!fields.apply("cf-ray").isEmpty()) {
      return true;
    }
    String loop = fields.apply("cdn-loop");
    return !loop.isEmpty()
        && WeightedList.elements(loop).stream()
            .anyMatch(e -> REPLACING_FRONTS.contains(e.value().toLowerCase(Locale.ROOT)));
  }
}
