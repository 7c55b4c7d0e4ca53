package dev.longshore.contract.push;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** What a data plane says. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Hello.class, name = "hello"),
  @JsonSubTypes.Type(value = Ack.class, name = "ack"),
  @JsonSubTypes.Type(value = Nack.class, name = "nack"),
  @JsonSubTypes.Type(value = Stale.class, name = "stale"),
  @JsonSubTypes.Type(value = Resync.class, name = "resync"),
  @JsonSubTypes.Type(value = Unreadable.class, name = "unreadable")
})
public sealed interface FromDataPlane permits Hello, Ack, Nack, Stale, Resync, Unreadable {}
