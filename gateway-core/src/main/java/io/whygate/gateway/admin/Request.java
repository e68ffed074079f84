package io.whygate.gateway.admin;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import java.util.List;
import java.util.Map;

/// A request to the admin interface, whole.
///
/// @param path its segments, percent-decoded one by one; empty for `/`
/// @param query the first value of each parameter
@SuppressWarnings("ArrayRecordComponent") // read once, never compared
record Request(
    HttpMethod method,
    List<String> path,
    Map<String, String> query,
    HttpHeaders headers,
    byte[] body) {

  String header(String name) {
    String value = headers.get(name);
    return value == null ? "" : value;
  }

  boolean isRead() {
    return method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
  }
}
