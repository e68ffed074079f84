package io.whygate.e2e;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.net.URI;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The rules of HAR 1.2 (the specification of Jan Odvarko, sections "log" to "timings"): which
/// members there have to be, of which type, and that others begin with an underscore.
final class HarRules {
  private final List<String> problems = new ArrayList<>();
  private final Set<String> pages = new HashSet<>();

  private HarRules() {}

  /// What an archive breaks; empty where it is good.
  static List<String> problemsOf(JsonObject archive) {
    HarRules rules = new HarRules();
    rules.members("", archive, "log:object");
    rules.log(archive.getAsJsonObject("log"));
    return rules.problems;
  }

  private void log(JsonObject log) {
    members(
        "log",
        log,
        "version:string creator:object browser?:object pages?:array entries:array comment?:string");
    members(
        "log.creator",
        log.getAsJsonObject("creator"),
        "name:string version:string comment?:string");
    for (JsonElement page : array(log, "pages")) {
      JsonObject object = page.getAsJsonObject();
      members(
          "page",
          object,
          "startedDateTime:time id:string title:string pageTimings:object comment?:string");
      if (!pages.add(object.get("id").getAsString())) {
        problems.add("page id twice");
      }
    }
    for (JsonElement entry : array(log, "entries")) {
      entry(entry.getAsJsonObject());
    }
  }

  private void entry(JsonObject entry) {
    members(
        "entry",
        entry,
        "pageref?:string startedDateTime:time time:count request:object response:object"
            + " cache:object timings:object serverIPAddress?:string connection?:string"
            + " comment?:string");
    if (entry.has("pageref") && !pages.contains(entry.get("pageref").getAsString())) {
      problems.add("entry.pageref names no page");
    }
    request(entry.getAsJsonObject("request"));
    response(entry.getAsJsonObject("response"));
    timings(entry.getAsJsonObject("timings"), entry.get("time").getAsDouble());
  }

  private void request(JsonObject request) {
    members(
        "request",
        request,
        "method:string url:url httpVersion:string cookies:array headers:array queryString:array"
            + " postData?:object headersSize:number bodySize:number comment?:string");
    pairs("request.headers", request);
    for (JsonElement each : array(request, "queryString")) {
      members("queryString", each.getAsJsonObject(), "name:string value:string comment?:string");
    }
    if (request.has("postData")) {
      members(
          "postData",
          request.getAsJsonObject("postData"),
          "mimeType:string params?:array text?:string comment?:string");
    }
  }

  private void response(JsonObject response) {
    members(
        "response",
        response,
        "status:number statusText:string httpVersion:string cookies:array headers:array"
            + " content:object redirectURL:string headersSize:number bodySize:number"
            + " comment?:string");
    pairs("response.headers", response);
    members(
        "content",
        response.getAsJsonObject("content"),
        "size:number compression?:number mimeType:string text?:string encoding?:string"
            + " comment?:string");
  }

  private void pairs(String place, JsonObject message) {
    for (JsonElement each : array(message, "headers")) {
      members(place, each.getAsJsonObject(), "name:string value:string comment?:string");
    }
  }

  /// `time` is the sum of the timings that apply, and `ssl` lies within `connect`.
  private void timings(JsonObject timings, double time) {
    members(
        "timings",
        timings,
        "blocked?:number dns?:number connect?:number send:count wait:count receive:count"
            + " ssl?:number comment?:string");
    double sum = 0;
    for (String name : List.of("blocked", "dns", "connect", "send", "wait", "receive")) {
      double value = timings.has(name) ? timings.get(name).getAsDouble() : -1;
      sum += Math.max(0, value);
    }
    if (Math.abs(sum - time) > 0.05) {
      problems.add("entry.time: " + time + " (expected: " + sum + ", the sum of its timings)");
    }
    double ssl = timings.has("ssl") ? timings.get("ssl").getAsDouble() : -1;
    if (ssl > 0 && timings.get("connect").getAsDouble() + 0.011 < ssl) {
      problems.add("timings.ssl lies outside of connect");
    }
  }

  private static JsonArray array(JsonObject object, String name) {
    return object.has(name) ? object.getAsJsonArray(name) : new JsonArray();
  }

  /// Checks the members of an object.
  ///
  /// @param rules `name:type`, a question mark before the colon where it may be absent
  private void members(String place, JsonObject object, String rules) {
    Set<String> known = new HashSet<>();
    for (String rule : rules.split(" ", -1)) {
      String name = rule.substring(0, rule.indexOf(':'));
      boolean optional = name.endsWith("?");
      name = optional ? name.substring(0, name.length() - 1) : name;
      known.add(name);
      JsonElement value = object.get(name);
      String type = rule.substring(rule.indexOf(':') + 1);
      if (value == null ? !optional : !is(type, value)) {
        problems.add(place + "." + name + ": " + value + " (expected: " + type + ")");
      }
    }
    for (String name : object.keySet()) {
      if (!known.contains(name) && !name.startsWith("_")) {
        problems.add(place + "." + name + ": unknown (expected: a name that begins with _)");
      }
    }
  }

  private static boolean is(String type, JsonElement value) {
    return switch (type) {
      case "object" -> value.isJsonObject();
      case "array" -> value.isJsonArray();
      case "number" -> isNumber(value);
      case "count" -> isNumber(value) && value.getAsDouble() >= 0;
      case "string" -> isString(value);
      case "time" -> isString(value) && isTime(value.getAsString());
      case "url" -> isString(value) && URI.create(value.getAsString()).isAbsolute();
      default -> throw new AssertionError(type);
    };
  }

  private static boolean isString(JsonElement value) {
    return value.isJsonPrimitive() && value.getAsJsonPrimitive().isString();
  }

  private static boolean isNumber(JsonElement value) {
    return value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber();
  }

  private static boolean isTime(String text) {
    try {
      OffsetDateTime.parse(text);
      return true;
    } catch (DateTimeParseException e) {
      return false;
    }
  }
}
