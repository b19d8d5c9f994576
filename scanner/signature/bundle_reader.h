#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json/value.h"
#include "base/result.h"
#include "scanner/signature/material.h"

namespace xzgate::signature {

// The parts of a bundle, each read in a file of its own; bundle.cc puts them together. `path` names
// the object in messages. Pure functions; thread-safe.
//
// What protojson (the JSON form of protocol buffers) leaves out when it writes is a default: a
// missing or null number is 0, a missing or null list or message is none. So logIndex is missing
// for the first entry of a log. A missing text or missing bytes are refused where they are needed.

// "dsseEnvelope", or the content of an .att layer.
Result<Envelope> ReadEnvelope(const json::Value& object, std::string_view path);

// "messageSignature".
Result<MessageSignature> ReadMessageSignature(const json::Value& object, std::string_view path);

// "verificationMaterial", by the rules of material.format, which is set: key or certificates, log
// entries, timestamps.
Result<void> ReadVerificationMaterial(const json::Value& object, std::string_view path,
                                      Material& material);

// "tlogEntries" of the verification material `object`.
Result<std::vector<LogEntry>> ReadLogEntries(const json::Value& object, std::string_view path,
                                             Format format);

}  // namespace xzgate::signature
