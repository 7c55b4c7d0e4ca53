package dev.longshore.contract.push;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** What the operator says. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = SnapshotMessage.class, name = "snapshot"),
  @JsonSubTypes.Type(value = DeltaMessage.class, name = "delta"),
  @JsonSubTypes.Type(value = Current.class, name = "current"),
  @JsonSubTypes.Type(value = Fleet.class, name = "fleet"),
  @JsonSubTypes.Type(value = Goodbye.class, name = "goodbye")
})
public sealed interface FromOperator
    permits SnapshotMessage, DeltaMessage, Current, Fleet, Goodbye {}
