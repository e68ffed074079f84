package io.whygate.diagnostics.probe.log;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One message of the syslog protocol: RFC 5424, or what RFC 3164 describes and devices write in
/// its place.
///
/// @param at when it was written, by its own stamp, else when it came
/// @param host the host that it names; empty where it names none
/// @param program the program that it names; empty where it names none
/// @param text what it says
record SyslogMessage(Instant at, String host, String program, String text) {
  private static final Pattern PRIORITY = Pattern.compile("^<(\\d{1,3})>");
  private static final Pattern MODERN =
      Pattern.compile(
          "^1 (\\S+) (\\S+) (\\S+) (\\S+) (\\S+) (-|(?:\\[(?:[^\\]\\\\]|\\\\.)*\\])+) ?");
  private static final Pattern OLD =
      Pattern.compile(
          "^(?:[A-Z][a-z]{2} +\\d{1,2} (?:\\d{4} )?\\d\\d:\\d\\d:\\d\\d|\\d{4}-\\d\\d-\\d\\dT\\S+)"
              + "(?: [A-Z]{3,4})?:? (?:([\\w.:-]+) )??(?:([\\w./@-]{1,48})(?:\\[[^\\]]*\\])?: ?|$)");
  private static final Pattern TAG = Pattern.compile("^([\\w./@-]{1,48})(?:\\[[^\\]]*\\])?: ?");
  private static final Duration QUARTER = Duration.ofMinutes(15);
  private static final Duration IN_STEP = Duration.ofSeconds(5);
  private static final Duration WIDEST_ZONE = Duration.ofHours(26);

  /// Reads a message that came at a moment; whatever it is, it has a text.
  static SyslogMessage of(byte[] bytes, int length, Instant came) {
    String whole = new String(bytes, 0, length, StandardCharsets.UTF_8).stripTrailing();
    Matcher priority = PRIORITY.matcher(whole);
    String rest = priority.find() ? whole.substring(priority.end()) : whole;
    Matcher modern = MODERN.matcher(rest);
    if (modern.find()) {
      return new SyslogMessage(
          stamp(modern.group(1)).orElse(came),
          value(modern.group(2)),
          value(modern.group(3)),
          withoutMark(rest.substring(modern.end())));
    }
    return old(rest, came);
  }

  private static SyslogMessage old(String rest, Instant came) {
    Matcher matcher = OLD.matcher(rest);
    if (!matcher.find()) {
      Matcher tag = TAG.matcher(rest);
      return tag.find()
          ? new SyslogMessage(came, "", tag.group(1), rest.substring(tag.end()))
          : new SyslogMessage(came, "", "", rest);
    }
    Instant at =
        LogTime.of(rest, came, ZoneId.systemDefault())
            .map(stamp -> inOurZone(stamp, came))
            .orElse(came);
    return new SyslogMessage(
        at, orEmpty(matcher.group(1)), orEmpty(matcher.group(2)), rest.substring(matcher.end()));
  }

  /// A stamp of RFC 3164 has no zone. One that is off by whole quarters of an hour, and by no more
  /// than zones are, was written by a clock in another zone just now.
  private static Instant inOurZone(Instant stamp, Instant came) {
    Duration off = Duration.between(stamp, came);
    if (off.abs().compareTo(WIDEST_ZONE) > 0) {
      return stamp;
    }
    long quarters = Math.round((double) off.toMillis() / QUARTER.toMillis());
    Instant shifted = stamp.plus(QUARTER.multipliedBy(quarters));
    boolean inStep = Duration.between(shifted, came).abs().compareTo(IN_STEP) <= 0;
    return inStep ? shifted : stamp;
  }

  private static Optional<Instant> stamp(String text) {
    try {
      return Optional.of(OffsetDateTime.parse(text).toInstant());
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private static String value(String field) {
    return field.equals("-") ? "" : field;
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  private static String withoutMark(String text) {
    return text.startsWith("\uFEFF") ? text.substring(1) : text;
  }
}
