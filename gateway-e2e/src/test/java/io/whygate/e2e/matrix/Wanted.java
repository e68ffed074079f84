package io.whygate.e2e.matrix;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// A form of the reply to a failed request, as a client asks for it.
///
/// @param method the method to ask with; empty for that of the scene
/// @param type the media type that has to come
/// @param fields the field lines that ask for it
public record Wanted(String name, String method, String type, List<String> fields) {
  private static final String BROWSER =
      "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

  public static final Wanted HTML = get("HTML", "text/html; charset=utf-8", BROWSER);
  public static final Wanted PROBLEM =
      get("problem", "application/problem+json", "Accept: application/problem+json");
  public static final Wanted JSON =
      get("JSON", "application/problem+json", "Accept: application/json");
  public static final Wanted MARKDOWN =
      get("Markdown", "text/markdown; charset=utf-8", "Accept: text/markdown");
  public static final Wanted TEXT = get("curl", "text/plain; charset=utf-8", "Accept: */*");
  public static final Wanted NOTHING_SAID = get("no Accept", "text/plain; charset=utf-8");
  public static final Wanted IMAGE =
      get(
          "image",
          "text/plain; charset=utf-8",
          "Accept: image/avif,image/webp,*/*;q=0.8",
          "Sec-Fetch-Dest: image");
  public static final Wanted SCRIPT =
      get("script", "text/plain; charset=utf-8", "Accept: */*", "Sec-Fetch-Dest: script");
  public static final Wanted GRPC =
      get("gRPC", "application/grpc", "Content-Type: application/grpc", "TE: trailers");
  public static final Wanted HEAD =
      new Wanted("HEAD", "HEAD", "text/html; charset=utf-8", List.of(BROWSER));

  public Wanted {
    fields = List.copyOf(fields);
  }

  private static Wanted get(String name, String type, String... fields) {
    return new Wanted(name, "", type, List.of(fields));
  }

  /// All of them.
  public static List<Wanted> all() {
    return List.of(HTML, PROBLEM, JSON, MARKDOWN, TEXT, NOTHING_SAID, IMAGE, SCRIPT, GRPC, HEAD);
  }

  public boolean isGrpc() {
    return type.equals("application/grpc");
  }

  /// Its field lines and more.
  public String[] with(String... more) {
    return Stream.concat(fields.stream(), Arrays.stream(more)).toArray(String[]::new);
  }

  @Override
  public String toString() {
    return name;
  }
}
