package io.whygate.diagnostics.probe.log;

import java.util.List;
import java.util.regex.Pattern;

/// Tells by the ids in a line of a log whether it speaks of one request, and of which.
///
/// An id is known by what stands before it (`request_id=`, `"traceId":`, `traceparent:`), or by its
/// brackets where loggers put it alone: Rails's `[uuid]`, Spring's `[app,trace,span]`.
final class RequestMark {
  private static final int SHORTEST = 8;

  private static final Pattern NAMED =
      Pattern.compile(
          "(?i)(?<![\\w])(?:x[-_])?(?:http_x_)?(?:req(?:uest)?|correlation|trace)[-_. ]?id"
              + "[\"']?\\s*(?:=>?|:)\\s*[\"']?(?:[\\w./:+@-]{8,128})"
              + "|traceparent[\"']?\\s*(?:=>?|:)\\s*[\"']?[0-9a-f]{2}-(?:[0-9a-f]{32})-");

  private static final Pattern BRACKETED =
      Pattern.compile(
          "\\[(?:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-f]{32})]"
              + "|\\[(?:[\\w .-]{0,64},\\s*)?(?:[0-9a-f]{32})\\s*[,-]\\s*[0-9a-f]{16}\\b");

  private final List<String> ids;

  /// Whom a line speaks of.
  enum Speaks {
    OF_THIS,
    OF_ANOTHER,
    /// It has no id.
    OF_NONE
  }

  /// @param ids of the request; one that is short could stand in a line by chance
  RequestMark(List<String> ids) {
    this.ids = ids.stream().filter(each -> each.length() >= SHORTEST).toList();
  }

  Speaks of(String line) {
    for (String id : ids) {
      if (hasWord(line, id)) {
        return Speaks.OF_THIS;
      }
    }
    if (ids.isEmpty()) {
      return Speaks.OF_NONE;
    }
    return NAMED.matcher(line).find() || BRACKETED.matcher(line).find()
        ? Speaks.OF_ANOTHER
        : Speaks.OF_NONE;
  }

  private static boolean hasWord(String line, String word) {
    for (int at = line.indexOf(word); at >= 0; at = line.indexOf(word, at + 1)) {
      int end = at + word.length();
      boolean begins = at == 0 || !Character.isLetterOrDigit(line.charAt(at - 1));
      if (begins && (end == line.length() || !Character.isLetterOrDigit(line.charAt(end)))) {
        return true;
      }
    }
    return false;
  }
}
