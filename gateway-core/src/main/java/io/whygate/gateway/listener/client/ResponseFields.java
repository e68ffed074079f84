package io.whygate.gateway.listener.client;

import io.whygate.gateway.exchange.HeadEdit;
import io.whygate.gateway.http.FieldName;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.Grammar;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.http.ResponseHead;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/// Which fields of an upstream's answer reach the client: those that belong to one hop do not (RFC
/// 9110 section 7.6.1).
public final class ResponseFields {
  /// A gateway's explanation.
  private static final List<byte[]> EXPLANATIONS = names("whygate-cause", "whygate-incident");

  /// What speaks of the bytes of a content as they were before it was encoded (RFC 9110 sections
  /// 8.8.3 and 14.3, RFC 9530).
  private static final List<byte[]> OF_CODING =
      names(
          "content-length",
          "etag",
          "accept-ranges",
          "content-md5",
          "digest",
          "content-digest",
          "repr-digest");

  private ResponseFields() {}

  /// The status that a client of HTTP/2 or 3 is told of an upstream's answer that is no switch of
  /// protocols. Who asks for another protocol takes any 2xx for the switch (RFC 8441 section 5, RFC
  /// 9220 section 3): a server that gives an answer of its own instead did not make it.
  public static int status(RequestHead request, ResponseHead head) {
    boolean refused = request.upgradeField() >= 0 && head.status() / 100 == 2;
    return refused ? 501 : head.status();
  }

  /// Whether what this gateway says takes the place of a field.
  public static boolean isReplaced(FieldSection fields, int field, HeadEdit edit) {
    return (edit.isExplained() && isOneOf(EXPLANATIONS, fields, field))
        || (edit.isRecoded() && isOneOf(OF_CODING, fields, field));
  }

  private static boolean isOneOf(List<byte[]> names, FieldSection fields, int field) {
    for (byte[] name : names) {
      if (Grammar.equalsIgnoreCase(
          fields.bytes(), fields.nameStart(field), fields.nameEnd(field), name)) {
        return true;
      }
    }
    return false;
  }

  private static List<byte[]> names(String... names) {
    return Stream.of(names).map(name -> name.getBytes(StandardCharsets.US_ASCII)).toList();
  }

  /// Whether a field passes on.
  ///
  /// @param nominations what [ResponseHead#hasNominations] says
  /// @param open whether the content's length is not known beforehand
  public static boolean passes(ResponseHead head, int field, boolean nominations, boolean open) {
    FieldName known = head.fields().known(field);
    if (known == null) {
      return !nominations || !head.isNominated(field);
    }
    return switch (known) {
      case CONNECTION, KEEP_ALIVE, PROXY_CONNECTION, TE, TRANSFER_ENCODING -> false;
      case UPGRADE -> head.status() == 101 || head.status() == 426;
      case CONTENT_LENGTH -> head.status() != 204 && !head.isInformational() && !open;
      case TRAILER -> open;
      default -> !nominations || !head.isNominated(field);
    };
  }
}
