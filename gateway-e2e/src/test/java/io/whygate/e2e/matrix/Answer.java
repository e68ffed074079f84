package io.whygate.e2e.matrix;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a client got.
///
/// @param status the status code; 0 where not even that came
/// @param fields the header fields by name in lower case
/// @param body what came of the body
/// @param whole whether the answer came to its end
/// @param micros from the first byte sent to the end, microseconds
public record Answer(
    int status, Map<String, List<String>> fields, byte[] body, boolean whole, long micros) {
  private static final Pattern ERROR = Pattern.compile(";\\s*error=([a-z_]+)");

  public Optional<String> field(String name) {
    return Optional.ofNullable(fields.get(name)).map(List::getLast);
  }

  /// From the first byte sent to the end, milliseconds.
  public long millis() {
    return micros / 1_000;
  }

  /// The body as text.
  public String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  /// The body as a JSON document.
  public JsonObject json() {
    return JsonParser.parseString(text()).getAsJsonObject();
  }

  /// The code of the cause that it names; empty where it names none.
  public String cause() {
    return field("whygate-cause").orElse("");
  }

  /// The error type in the last member of its Proxy-Status; empty where there is none.
  public String error() {
    Matcher found = ERROR.matcher(field("proxy-status").orElse(""));
    return found.find() ? found.group(1) : "";
  }
}
