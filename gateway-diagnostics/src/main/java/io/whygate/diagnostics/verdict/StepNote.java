package io.whygate.diagnostics.verdict;

/// The sentences in which a check says what it found. Each has a text in every language; `{0}`,
/// `{1}` stand for arguments.
public enum StepNote {
  /// {0} more tries failed, the last took {1} ms.
  RELOAD_TRIED,
  /// Not tried again: the request may have been acted on.
  RELOAD_NOT_SAFE,
  /// Not tried again: it would fail in the same way.
  RELOAD_POINTLESS,
  /// Another try succeeded.
  RELOAD_SUCCEEDED,
  /// There was nothing to try.
  RELOAD_NOTHING_TO_TRY,
  /// The server accepts connections ({0} ms).
  SERVER_ACCEPTS,
  /// The cause lies here.
  SERVER_FAILED,
  /// Its state could not be told within the time.
  SERVER_UNKNOWN,
  /// Not reached: an earlier check failed.
  NOT_REACHED,
  /// The name leads to the address in use, and its own servers agree.
  DNS_AGREES,
  /// The name has an address; its own servers could not be asked.
  DNS_RESOLVES,
  /// The cause lies here.
  DNS_FAILED,
  /// The name moved, and the new address answers.
  DNS_HEALED,
  /// The endpoint is an address, not a name.
  DNS_ADDRESS_LITERAL,
  /// The endpoint is a Unix socket.
  DNS_UNIX_SOCKET,
  /// Could not be told within the time.
  DNS_UNKNOWN,
  /// No log of the server is configured.
  LOGS_NOT_CONFIGURED,
  /// Nothing in the logs around the time of failure.
  LOGS_NOTHING,
  /// The logs name the cause.
  LOGS_NAMED_CAUSE,
  /// The logs could not be read.
  LOGS_UNREADABLE,
  /// No sign of a filter on the way.
  FIREWALL_NO_SIGN,
  /// The cause lies here.
  FIREWALL_FAILED,
  /// A filter cannot be told from a closed port from here.
  FIREWALL_UNKNOWN,
  /// The site's code was not reached.
  CODE_NOT_REACHED,
  /// The cause lies here.
  CODE_FAILED,
  /// The cause lies here, most often in an add-on or an update: the platform is known for it.
  CODE_ADD_ON,
  /// The cause lies here, and the platform's servers are usually started again by themselves.
  CODE_STARTS_AGAIN,
  /// The site is being updated, as its platform says in its way.
  CODE_UPDATE,
  /// Other paths of the site answer ({0} of {1}).
  CODE_OTHER_PATHS_ANSWER,
  /// Other paths of the site are answered with an error of the server, too ({0} of {1}).
  CODE_OTHER_PATHS_FAIL,
  /// Could not be told within the time.
  CODE_UNKNOWN,
  /// The gateway's own host is in order.
  HOST_IN_ORDER,
  /// The cause lies with the gateway.
  HOST_FAILED,
  /// The operator's contact is named.
  HOST_CONTACT,
  /// No contact is configured.
  HOST_NO_CONTACT
}
