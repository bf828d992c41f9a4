/*! Posewire, Apache-2.0. With parts of @msgpack/msgpack, ISC:

Copyright 2019 The MessagePack Community.

Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted, provided that the above copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE. */
// node_modules/@msgpack/msgpack/dist.esm/utils/utf8.mjs
function utf8Count(str) {
	const strLength = str.length;
	let byteLength = 0;
	let pos = 0;
	while (pos < strLength) {
		let value = str.charCodeAt(pos++);
		if ((value & 4294967168) === 0) {
			byteLength++;
			continue;
		} else if ((value & 4294965248) === 0) byteLength += 2;
		else {
			if (value >= 55296 && value <= 56319) {
				if (pos < strLength) {
					const extra = str.charCodeAt(pos);
					if ((extra & 64512) === 56320) {
						++pos;
						value = ((value & 1023) << 10) + (extra & 1023) + 65536;
					}
				}
			}
			if ((value & 4294901760) === 0) byteLength += 3;
			else byteLength += 4;
		}
	}
	return byteLength;
}
function utf8EncodeJs(str, output, outputOffset) {
	const strLength = str.length;
	let offset = outputOffset;
	let pos = 0;
	while (pos < strLength) {
		let value = str.charCodeAt(pos++);
		if ((value & 4294967168) === 0) {
			output[offset++] = value;
			continue;
		} else if ((value & 4294965248) === 0) output[offset++] = value >> 6 & 31 | 192;
		else {
			if (value >= 55296 && value <= 56319) {
				if (pos < strLength) {
					const extra = str.charCodeAt(pos);
					if ((extra & 64512) === 56320) {
						++pos;
						value = ((value & 1023) << 10) + (extra & 1023) + 65536;
					}
				}
			}
			if ((value & 4294901760) === 0) {
				output[offset++] = value >> 12 & 15 | 224;
				output[offset++] = value >> 6 & 63 | 128;
			} else {
				output[offset++] = value >> 18 & 7 | 240;
				output[offset++] = value >> 12 & 63 | 128;
				output[offset++] = value >> 6 & 63 | 128;
			}
		}
		output[offset++] = value & 63 | 128;
	}
}
var sharedTextEncoder = new TextEncoder();
var TEXT_ENCODER_THRESHOLD = 50;
function utf8EncodeTE(str, output, outputOffset) {
	sharedTextEncoder.encodeInto(str, output.subarray(outputOffset));
}
function utf8Encode(str, output, outputOffset) {
	if (str.length > TEXT_ENCODER_THRESHOLD) utf8EncodeTE(str, output, outputOffset);
	else utf8EncodeJs(str, output, outputOffset);
}
var CHUNK_SIZE = 4096;
function utf8DecodeJs(bytes, inputOffset, byteLength) {
	let offset = inputOffset;
	const end = offset + byteLength;
	const units = [];
	let result = "";
	while (offset < end) {
		const byte1 = bytes[offset++];
		if ((byte1 & 128) === 0) units.push(byte1);
		else if ((byte1 & 224) === 192) {
			const byte2 = bytes[offset++] & 63;
			units.push((byte1 & 31) << 6 | byte2);
		} else if ((byte1 & 240) === 224) {
			const byte2 = bytes[offset++] & 63;
			const byte3 = bytes[offset++] & 63;
			units.push((byte1 & 31) << 12 | byte2 << 6 | byte3);
		} else if ((byte1 & 248) === 240) {
			const byte2 = bytes[offset++] & 63;
			const byte3 = bytes[offset++] & 63;
			const byte4 = bytes[offset++] & 63;
			let unit = (byte1 & 7) << 18 | byte2 << 12 | byte3 << 6 | byte4;
			if (unit > 65535) {
				unit -= 65536;
				units.push(unit >>> 10 & 1023 | 55296);
				unit = 56320 | unit & 1023;
			}
			units.push(unit);
		} else units.push(byte1);
		if (units.length >= CHUNK_SIZE) {
			result += String.fromCharCode(...units);
			units.length = 0;
		}
	}
	if (units.length > 0) result += String.fromCharCode(...units);
	return result;
}
var sharedTextDecoder = new TextDecoder();
var TEXT_DECODER_THRESHOLD = 200;
function utf8DecodeTD(bytes, inputOffset, byteLength) {
	const stringBytes = bytes.subarray(inputOffset, inputOffset + byteLength);
	return sharedTextDecoder.decode(stringBytes);
}
function utf8Decode(bytes, inputOffset, byteLength) {
	if (byteLength > TEXT_DECODER_THRESHOLD) return utf8DecodeTD(bytes, inputOffset, byteLength);
	else return utf8DecodeJs(bytes, inputOffset, byteLength);
}
// node_modules/@msgpack/msgpack/dist.esm/ExtData.mjs
/**
* ExtData is used to handle Extension Types that are not registered to ExtensionCodec.
*/
var ExtData = class {
	type;
	data;
	constructor(type, data) {
		this.type = type;
		this.data = data;
	}
};
// node_modules/@msgpack/msgpack/dist.esm/DecodeError.mjs
var DecodeError = class DecodeError extends Error {
	constructor(message) {
		super(message);
		const proto = Object.create(DecodeError.prototype);
		Object.setPrototypeOf(this, proto);
		Object.defineProperty(this, "name", {
			configurable: true,
			enumerable: false,
			value: DecodeError.name
		});
	}
};
function setUint64(view, offset, value) {
	const high = value / 4294967296;
	const low = value;
	view.setUint32(offset, high);
	view.setUint32(offset + 4, low);
}
function setInt64(view, offset, value) {
	const high = Math.floor(value / 4294967296);
	const low = value;
	view.setUint32(offset, high);
	view.setUint32(offset + 4, low);
}
function getInt64(view, offset) {
	const high = view.getInt32(offset);
	const low = view.getUint32(offset + 4);
	return high * 4294967296 + low;
}
function getUint64(view, offset) {
	const high = view.getUint32(offset);
	const low = view.getUint32(offset + 4);
	return high * 4294967296 + low;
}
var TIMESTAMP32_MAX_SEC = 4294967295;
var TIMESTAMP64_MAX_SEC = 17179869183;
function encodeTimeSpecToTimestamp({ sec, nsec }) {
	if (sec >= 0 && nsec >= 0 && sec <= TIMESTAMP64_MAX_SEC) {
		if (nsec === 0 && sec <= TIMESTAMP32_MAX_SEC) {
			const rv = /* @__PURE__ */ new Uint8Array(4);
			new DataView(rv.buffer).setUint32(0, sec);
			return rv;
		} else {
			const secHigh = sec / 4294967296;
			const secLow = sec & 4294967295;
			const rv = /* @__PURE__ */ new Uint8Array(8);
			const view = new DataView(rv.buffer);
			view.setUint32(0, nsec << 2 | secHigh & 3);
			view.setUint32(4, secLow);
			return rv;
		}
	} else {
		const rv = /* @__PURE__ */ new Uint8Array(12);
		const view = new DataView(rv.buffer);
		view.setUint32(0, nsec);
		setInt64(view, 4, sec);
		return rv;
	}
}
function encodeDateToTimeSpec(date) {
	const msec = date.getTime();
	const sec = Math.floor(msec / 1e3);
	const nsec = (msec - sec * 1e3) * 1e6;
	const nsecInSec = Math.floor(nsec / 1e9);
	return {
		sec: sec + nsecInSec,
		nsec: nsec - nsecInSec * 1e9
	};
}
function encodeTimestampExtension(object) {
	if (object instanceof Date) return encodeTimeSpecToTimestamp(encodeDateToTimeSpec(object));
	else return null;
}
function decodeTimestampToTimeSpec(data) {
	const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
	switch (data.byteLength) {
		case 4: return {
			sec: view.getUint32(0),
			nsec: 0
		};
		case 8: {
			const nsec30AndSecHigh2 = view.getUint32(0);
			const secLow32 = view.getUint32(4);
			return {
				sec: (nsec30AndSecHigh2 & 3) * 4294967296 + secLow32,
				nsec: nsec30AndSecHigh2 >>> 2
			};
		}
		case 12: return {
			sec: getInt64(view, 4),
			nsec: view.getUint32(0)
		};
		default: throw new DecodeError(`Unrecognized data size for timestamp (expected 4, 8, or 12): ${data.length}`);
	}
}
function decodeTimestampExtension(data) {
	const timeSpec = decodeTimestampToTimeSpec(data);
	return /* @__PURE__ */ new Date(timeSpec.sec * 1e3 + timeSpec.nsec / 1e6);
}
var timestampExtension = {
	type: -1,
	encode: encodeTimestampExtension,
	decode: decodeTimestampExtension
};
// node_modules/@msgpack/msgpack/dist.esm/ExtensionCodec.mjs
var ExtensionCodec = class ExtensionCodec {
	static defaultCodec = new ExtensionCodec();
	__brand;
	builtInEncoders = [];
	builtInDecoders = [];
	encoders = [];
	decoders = [];
	constructor() {
		this.register(timestampExtension);
	}
	register({ type, encode, decode }) {
		if (type >= 0) {
			this.encoders[type] = encode;
			this.decoders[type] = decode;
		} else {
			const index = -1 - type;
			this.builtInEncoders[index] = encode;
			this.builtInDecoders[index] = decode;
		}
	}
	tryToEncode(object, context) {
		for (let i = 0; i < this.builtInEncoders.length; i++) {
			const encodeExt = this.builtInEncoders[i];
			if (encodeExt != null) {
				const data = encodeExt(object, context);
				if (data != null) return new ExtData(-1 - i, data);
			}
		}
		for (let i = 0; i < this.encoders.length; i++) {
			const encodeExt = this.encoders[i];
			if (encodeExt != null) {
				const data = encodeExt(object, context);
				if (data != null) return new ExtData(i, data);
			}
		}
		if (object instanceof ExtData) return object;
		return null;
	}
	decode(data, type, context) {
		const decodeExt = type < 0 ? this.builtInDecoders[-1 - type] : this.decoders[type];
		if (decodeExt) return decodeExt(data, type, context);
		else return new ExtData(type, data);
	}
};
// node_modules/@msgpack/msgpack/dist.esm/utils/typedArrays.mjs
function isArrayBufferLike(buffer) {
	return buffer instanceof ArrayBuffer || typeof SharedArrayBuffer !== "undefined" && buffer instanceof SharedArrayBuffer;
}
function ensureUint8Array(buffer) {
	if (buffer instanceof Uint8Array) return buffer;
	else if (ArrayBuffer.isView(buffer)) return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
	else if (isArrayBufferLike(buffer)) return new Uint8Array(buffer);
	else return Uint8Array.from(buffer);
}
var Encoder = class Encoder {
	extensionCodec;
	context;
	useBigInt64;
	maxDepth;
	initialBufferSize;
	sortKeys;
	forceFloat32;
	ignoreUndefined;
	forceIntegerToFloat;
	pos;
	view;
	bytes;
	entered = false;
	constructor(options) {
		this.extensionCodec = options?.extensionCodec ?? ExtensionCodec.defaultCodec;
		this.context = options?.context;
		this.useBigInt64 = options?.useBigInt64 ?? false;
		this.maxDepth = options?.maxDepth ?? 100;
		this.initialBufferSize = options?.initialBufferSize ?? 2048;
		this.sortKeys = options?.sortKeys ?? false;
		this.forceFloat32 = options?.forceFloat32 ?? false;
		this.ignoreUndefined = options?.ignoreUndefined ?? false;
		this.forceIntegerToFloat = options?.forceIntegerToFloat ?? false;
		this.pos = 0;
		this.view = new DataView(new ArrayBuffer(this.initialBufferSize));
		this.bytes = new Uint8Array(this.view.buffer);
	}
	clone() {
		return new Encoder({
			extensionCodec: this.extensionCodec,
			context: this.context,
			useBigInt64: this.useBigInt64,
			maxDepth: this.maxDepth,
			initialBufferSize: this.initialBufferSize,
			sortKeys: this.sortKeys,
			forceFloat32: this.forceFloat32,
			ignoreUndefined: this.ignoreUndefined,
			forceIntegerToFloat: this.forceIntegerToFloat
		});
	}
	reinitializeState() {
		this.pos = 0;
	}
	/**
	* This is almost equivalent to {@link Encoder#encode}, but it returns an reference of the encoder's internal buffer and thus much faster than {@link Encoder#encode}.
	*
	* @returns Encodes the object and returns a shared reference the encoder's internal buffer.
	*/
	encodeSharedRef(object) {
		if (this.entered) return this.clone().encodeSharedRef(object);
		try {
			this.entered = true;
			this.reinitializeState();
			this.doEncode(object, 1);
			return this.bytes.subarray(0, this.pos);
		} finally {
			this.entered = false;
		}
	}
	/**
	* @returns Encodes the object and returns a copy of the encoder's internal buffer.
	*/
	encode(object) {
		if (this.entered) return this.clone().encode(object);
		try {
			this.entered = true;
			this.reinitializeState();
			this.doEncode(object, 1);
			return this.bytes.slice(0, this.pos);
		} finally {
			this.entered = false;
		}
	}
	doEncode(object, depth) {
		if (depth > this.maxDepth) throw new Error(`Too deep objects in depth ${depth}`);
		if (object == null) this.encodeNil();
		else if (typeof object === "boolean") this.encodeBoolean(object);
		else if (typeof object === "number") {
			if (!this.forceIntegerToFloat) this.encodeNumber(object);
			else this.encodeNumberAsFloat(object);
		} else if (typeof object === "string") this.encodeString(object);
		else if (this.useBigInt64 && typeof object === "bigint") this.encodeBigInt64(object);
		else this.encodeObject(object, depth);
	}
	ensureBufferSizeToWrite(sizeToWrite) {
		const requiredSize = this.pos + sizeToWrite;
		if (this.view.byteLength < requiredSize) this.resizeBuffer(requiredSize * 2);
	}
	resizeBuffer(newSize) {
		const newBuffer = new ArrayBuffer(newSize);
		const newBytes = new Uint8Array(newBuffer);
		const newView = new DataView(newBuffer);
		newBytes.set(this.bytes);
		this.view = newView;
		this.bytes = newBytes;
	}
	encodeNil() {
		this.writeU8(192);
	}
	encodeBoolean(object) {
		if (object === false) this.writeU8(194);
		else this.writeU8(195);
	}
	encodeNumber(object) {
		if (!this.forceIntegerToFloat && Number.isSafeInteger(object)) {
			if (object >= 0) {
				if (object < 128) this.writeU8(object);
				else if (object < 256) {
					this.writeU8(204);
					this.writeU8(object);
				} else if (object < 65536) {
					this.writeU8(205);
					this.writeU16(object);
				} else if (object < 4294967296) {
					this.writeU8(206);
					this.writeU32(object);
				} else if (!this.useBigInt64) {
					this.writeU8(207);
					this.writeU64(object);
				} else this.encodeNumberAsFloat(object);
			} else if (object >= -32) this.writeU8(224 | object + 32);
			else if (object >= -128) {
				this.writeU8(208);
				this.writeI8(object);
			} else if (object >= -32768) {
				this.writeU8(209);
				this.writeI16(object);
			} else if (object >= -2147483648) {
				this.writeU8(210);
				this.writeI32(object);
			} else if (!this.useBigInt64) {
				this.writeU8(211);
				this.writeI64(object);
			} else this.encodeNumberAsFloat(object);
		} else this.encodeNumberAsFloat(object);
	}
	encodeNumberAsFloat(object) {
		if (this.forceFloat32) {
			this.writeU8(202);
			this.writeF32(object);
		} else {
			this.writeU8(203);
			this.writeF64(object);
		}
	}
	encodeBigInt64(object) {
		if (object >= BigInt(0)) {
			this.writeU8(207);
			this.writeBigUint64(object);
		} else {
			this.writeU8(211);
			this.writeBigInt64(object);
		}
	}
	writeStringHeader(byteLength) {
		if (byteLength < 32) this.writeU8(160 + byteLength);
		else if (byteLength < 256) {
			this.writeU8(217);
			this.writeU8(byteLength);
		} else if (byteLength < 65536) {
			this.writeU8(218);
			this.writeU16(byteLength);
		} else if (byteLength < 4294967296) {
			this.writeU8(219);
			this.writeU32(byteLength);
		} else throw new Error(`Too long string: ${byteLength} bytes in UTF-8`);
	}
	encodeString(object) {
		const maxHeaderSize = 5;
		const byteLength = utf8Count(object);
		this.ensureBufferSizeToWrite(maxHeaderSize + byteLength);
		this.writeStringHeader(byteLength);
		utf8Encode(object, this.bytes, this.pos);
		this.pos += byteLength;
	}
	encodeObject(object, depth) {
		const ext = this.extensionCodec.tryToEncode(object, this.context);
		if (ext != null) this.encodeExtension(ext);
		else if (Array.isArray(object)) this.encodeArray(object, depth);
		else if (ArrayBuffer.isView(object)) this.encodeBinary(object);
		else if (typeof object === "object") this.encodeMap(object, depth);
		else throw new Error(`Unrecognized object: ${Object.prototype.toString.apply(object)}`);
	}
	encodeBinary(object) {
		const size = object.byteLength;
		if (size < 256) {
			this.writeU8(196);
			this.writeU8(size);
		} else if (size < 65536) {
			this.writeU8(197);
			this.writeU16(size);
		} else if (size < 4294967296) {
			this.writeU8(198);
			this.writeU32(size);
		} else throw new Error(`Too large binary: ${size}`);
		const bytes = ensureUint8Array(object);
		this.writeU8a(bytes);
	}
	encodeArray(object, depth) {
		const size = object.length;
		if (size < 16) this.writeU8(144 + size);
		else if (size < 65536) {
			this.writeU8(220);
			this.writeU16(size);
		} else if (size < 4294967296) {
			this.writeU8(221);
			this.writeU32(size);
		} else throw new Error(`Too large array: ${size}`);
		for (const item of object) this.doEncode(item, depth + 1);
	}
	countWithoutUndefined(object, keys) {
		let count = 0;
		for (const key of keys) if (object[key] !== void 0) count++;
		return count;
	}
	encodeMap(object, depth) {
		const keys = Object.keys(object);
		if (this.sortKeys) keys.sort();
		const size = this.ignoreUndefined ? this.countWithoutUndefined(object, keys) : keys.length;
		if (size < 16) this.writeU8(128 + size);
		else if (size < 65536) {
			this.writeU8(222);
			this.writeU16(size);
		} else if (size < 4294967296) {
			this.writeU8(223);
			this.writeU32(size);
		} else throw new Error(`Too large map object: ${size}`);
		for (const key of keys) {
			const value = object[key];
			if (!(this.ignoreUndefined && value === void 0)) {
				this.encodeString(key);
				this.doEncode(value, depth + 1);
			}
		}
	}
	encodeExtension(ext) {
		if (typeof ext.data === "function") {
			const data = ext.data(this.pos + 6);
			const size = data.length;
			if (size >= 4294967296) throw new Error(`Too large extension object: ${size}`);
			this.writeU8(201);
			this.writeU32(size);
			this.writeI8(ext.type);
			this.writeU8a(data);
			return;
		}
		const size = ext.data.length;
		if (size === 1) this.writeU8(212);
		else if (size === 2) this.writeU8(213);
		else if (size === 4) this.writeU8(214);
		else if (size === 8) this.writeU8(215);
		else if (size === 16) this.writeU8(216);
		else if (size < 256) {
			this.writeU8(199);
			this.writeU8(size);
		} else if (size < 65536) {
			this.writeU8(200);
			this.writeU16(size);
		} else if (size < 4294967296) {
			this.writeU8(201);
			this.writeU32(size);
		} else throw new Error(`Too large extension object: ${size}`);
		this.writeI8(ext.type);
		this.writeU8a(ext.data);
	}
	writeU8(value) {
		this.ensureBufferSizeToWrite(1);
		this.view.setUint8(this.pos, value);
		this.pos++;
	}
	writeU8a(values) {
		const size = values.length;
		this.ensureBufferSizeToWrite(size);
		this.bytes.set(values, this.pos);
		this.pos += size;
	}
	writeI8(value) {
		this.ensureBufferSizeToWrite(1);
		this.view.setInt8(this.pos, value);
		this.pos++;
	}
	writeU16(value) {
		this.ensureBufferSizeToWrite(2);
		this.view.setUint16(this.pos, value);
		this.pos += 2;
	}
	writeI16(value) {
		this.ensureBufferSizeToWrite(2);
		this.view.setInt16(this.pos, value);
		this.pos += 2;
	}
	writeU32(value) {
		this.ensureBufferSizeToWrite(4);
		this.view.setUint32(this.pos, value);
		this.pos += 4;
	}
	writeI32(value) {
		this.ensureBufferSizeToWrite(4);
		this.view.setInt32(this.pos, value);
		this.pos += 4;
	}
	writeF32(value) {
		this.ensureBufferSizeToWrite(4);
		this.view.setFloat32(this.pos, value);
		this.pos += 4;
	}
	writeF64(value) {
		this.ensureBufferSizeToWrite(8);
		this.view.setFloat64(this.pos, value);
		this.pos += 8;
	}
	writeU64(value) {
		this.ensureBufferSizeToWrite(8);
		setUint64(this.view, this.pos, value);
		this.pos += 8;
	}
	writeI64(value) {
		this.ensureBufferSizeToWrite(8);
		setInt64(this.view, this.pos, value);
		this.pos += 8;
	}
	writeBigUint64(value) {
		this.ensureBufferSizeToWrite(8);
		this.view.setBigUint64(this.pos, value);
		this.pos += 8;
	}
	writeBigInt64(value) {
		this.ensureBufferSizeToWrite(8);
		this.view.setBigInt64(this.pos, value);
		this.pos += 8;
	}
};
// node_modules/@msgpack/msgpack/dist.esm/encode.mjs
/**
* It encodes `value` in the MessagePack format and
* returns a byte buffer.
*
* The returned buffer is a slice of a larger `ArrayBuffer`, so you have to use its `#byteOffset` and `#byteLength` in order to convert it to another typed arrays including NodeJS `Buffer`.
*/
function encode(value, options) {
	return new Encoder(options).encodeSharedRef(value);
}
// node_modules/@msgpack/msgpack/dist.esm/utils/prettyByte.mjs
function prettyByte(byte) {
	return `${byte < 0 ? "-" : ""}0x${Math.abs(byte).toString(16).padStart(2, "0")}`;
}
// node_modules/@msgpack/msgpack/dist.esm/CachedKeyDecoder.mjs
var DEFAULT_MAX_KEY_LENGTH = 16;
var DEFAULT_MAX_LENGTH_PER_KEY = 16;
var CachedKeyDecoder = class {
	hit = 0;
	miss = 0;
	caches;
	maxKeyLength;
	maxLengthPerKey;
	constructor(maxKeyLength = DEFAULT_MAX_KEY_LENGTH, maxLengthPerKey = DEFAULT_MAX_LENGTH_PER_KEY) {
		this.maxKeyLength = maxKeyLength;
		this.maxLengthPerKey = maxLengthPerKey;
		this.caches = [];
		for (let i = 0; i < this.maxKeyLength; i++) this.caches.push([]);
	}
	canBeCached(byteLength) {
		return byteLength > 0 && byteLength <= this.maxKeyLength;
	}
	find(bytes, inputOffset, byteLength) {
		const records = this.caches[byteLength - 1];
		FIND_CHUNK: for (const record of records) {
			const recordBytes = record.bytes;
			for (let j = 0; j < byteLength; j++) if (recordBytes[j] !== bytes[inputOffset + j]) continue FIND_CHUNK;
			return record.str;
		}
		return null;
	}
	store(bytes, value) {
		const records = this.caches[bytes.length - 1];
		const record = {
			bytes,
			str: value
		};
		if (records.length >= this.maxLengthPerKey) records[Math.random() * records.length | 0] = record;
		else records.push(record);
	}
	decode(bytes, inputOffset, byteLength) {
		const cachedValue = this.find(bytes, inputOffset, byteLength);
		if (cachedValue != null) {
			this.hit++;
			return cachedValue;
		}
		this.miss++;
		const str = utf8DecodeJs(bytes, inputOffset, byteLength);
		const slicedCopyOfBytes = Uint8Array.prototype.slice.call(bytes, inputOffset, inputOffset + byteLength);
		this.store(slicedCopyOfBytes, str);
		return str;
	}
};
// node_modules/@msgpack/msgpack/dist.esm/Decoder.mjs
var STATE_ARRAY = "array";
var STATE_MAP_KEY = "map_key";
var STATE_MAP_VALUE = "map_value";
var mapKeyConverter = (key) => {
	if (typeof key === "string" || typeof key === "number") return key;
	throw new DecodeError("The type of key must be string or number but " + typeof key);
};
var StackPool = class {
	stack = [];
	stackHeadPosition = -1;
	get length() {
		return this.stackHeadPosition + 1;
	}
	top() {
		return this.stack[this.stackHeadPosition];
	}
	pushArrayState(size) {
		const state = this.getUninitializedStateFromPool();
		state.type = STATE_ARRAY;
		state.position = 0;
		state.size = size;
		state.array = new Array(size);
	}
	pushMapState(size) {
		const state = this.getUninitializedStateFromPool();
		state.type = STATE_MAP_KEY;
		state.readCount = 0;
		state.size = size;
		state.map = {};
	}
	getUninitializedStateFromPool() {
		this.stackHeadPosition++;
		if (this.stackHeadPosition === this.stack.length) this.stack.push({
			type: void 0,
			size: 0,
			array: void 0,
			position: 0,
			readCount: 0,
			map: void 0,
			key: null
		});
		return this.stack[this.stackHeadPosition];
	}
	release(state) {
		if (this.stack[this.stackHeadPosition] !== state) throw new Error("Invalid stack state. Released state is not on top of the stack.");
		if (state.type === STATE_ARRAY) {
			const partialState = state;
			partialState.size = 0;
			partialState.array = void 0;
			partialState.position = 0;
			partialState.type = void 0;
		}
		if (state.type === STATE_MAP_KEY || state.type === STATE_MAP_VALUE) {
			const partialState = state;
			partialState.size = 0;
			partialState.map = void 0;
			partialState.readCount = 0;
			partialState.type = void 0;
		}
		this.stackHeadPosition--;
	}
	reset() {
		this.stack.length = 0;
		this.stackHeadPosition = -1;
	}
};
var HEAD_BYTE_REQUIRED = -1;
var EMPTY_VIEW = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(0));
var EMPTY_BYTES = new Uint8Array(EMPTY_VIEW.buffer);
try {
	EMPTY_VIEW.getInt8(0);
} catch (e) {
	if (!(e instanceof RangeError)) throw new Error("This module is not supported in the current JavaScript engine because DataView does not throw RangeError on out-of-bounds access");
}
var MORE_DATA = /* @__PURE__ */ new RangeError("Insufficient data");
var sharedCachedKeyDecoder = new CachedKeyDecoder();
var Decoder = class Decoder {
	extensionCodec;
	context;
	useBigInt64;
	rawStrings;
	maxStrLength;
	maxBinLength;
	maxArrayLength;
	maxMapLength;
	maxExtLength;
	keyDecoder;
	mapKeyConverter;
	totalPos = 0;
	pos = 0;
	view = EMPTY_VIEW;
	bytes = EMPTY_BYTES;
	headByte = HEAD_BYTE_REQUIRED;
	stack = new StackPool();
	entered = false;
	constructor(options) {
		this.extensionCodec = options?.extensionCodec ?? ExtensionCodec.defaultCodec;
		this.context = options?.context;
		this.useBigInt64 = options?.useBigInt64 ?? false;
		this.rawStrings = options?.rawStrings ?? false;
		this.maxStrLength = options?.maxStrLength ?? 4294967295;
		this.maxBinLength = options?.maxBinLength ?? 4294967295;
		this.maxArrayLength = options?.maxArrayLength ?? 4294967295;
		this.maxMapLength = options?.maxMapLength ?? 4294967295;
		this.maxExtLength = options?.maxExtLength ?? 4294967295;
		this.keyDecoder = options?.keyDecoder !== void 0 ? options.keyDecoder : sharedCachedKeyDecoder;
		this.mapKeyConverter = options?.mapKeyConverter ?? mapKeyConverter;
	}
	clone() {
		return new Decoder({
			extensionCodec: this.extensionCodec,
			context: this.context,
			useBigInt64: this.useBigInt64,
			rawStrings: this.rawStrings,
			maxStrLength: this.maxStrLength,
			maxBinLength: this.maxBinLength,
			maxArrayLength: this.maxArrayLength,
			maxMapLength: this.maxMapLength,
			maxExtLength: this.maxExtLength,
			keyDecoder: this.keyDecoder
		});
	}
	reinitializeState() {
		this.totalPos = 0;
		this.headByte = HEAD_BYTE_REQUIRED;
		this.stack.reset();
	}
	setBuffer(buffer) {
		const bytes = ensureUint8Array(buffer);
		this.bytes = bytes;
		this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		this.pos = 0;
	}
	appendBuffer(buffer) {
		if (this.headByte === HEAD_BYTE_REQUIRED && !this.hasRemaining(1)) this.setBuffer(buffer);
		else {
			const remainingData = this.bytes.subarray(this.pos);
			const newData = ensureUint8Array(buffer);
			const newBuffer = new Uint8Array(remainingData.length + newData.length);
			newBuffer.set(remainingData);
			newBuffer.set(newData, remainingData.length);
			this.setBuffer(newBuffer);
		}
	}
	hasRemaining(size) {
		return this.view.byteLength - this.pos >= size;
	}
	createExtraByteError(posToShow) {
		const { view, pos } = this;
		return /* @__PURE__ */ new RangeError(`Extra ${view.byteLength - pos} of ${view.byteLength} byte(s) found at buffer[${posToShow}]`);
	}
	/**
	* @throws {@link DecodeError}
	* @throws {@link RangeError}
	*/
	decode(buffer) {
		if (this.entered) return this.clone().decode(buffer);
		try {
			this.entered = true;
			this.reinitializeState();
			this.setBuffer(buffer);
			const object = this.doDecodeSync();
			if (this.hasRemaining(1)) throw this.createExtraByteError(this.pos);
			return object;
		} finally {
			this.entered = false;
		}
	}
	*decodeMulti(buffer) {
		if (this.entered) {
			yield* this.clone().decodeMulti(buffer);
			return;
		}
		try {
			this.entered = true;
			this.reinitializeState();
			this.setBuffer(buffer);
			while (this.hasRemaining(1)) yield this.doDecodeSync();
		} finally {
			this.entered = false;
		}
	}
	async decodeAsync(stream) {
		if (this.entered) return this.clone().decodeAsync(stream);
		try {
			this.entered = true;
			let decoded = false;
			let object;
			for await (const buffer of stream) {
				if (decoded) {
					this.entered = false;
					throw this.createExtraByteError(this.totalPos);
				}
				this.appendBuffer(buffer);
				try {
					object = this.doDecodeSync();
					decoded = true;
				} catch (e) {
					if (!(e instanceof RangeError)) throw e;
				}
				this.totalPos += this.pos;
			}
			if (decoded) {
				if (this.hasRemaining(1)) throw this.createExtraByteError(this.totalPos);
				return object;
			}
			const { headByte, pos, totalPos } = this;
			throw new RangeError(`Insufficient data in parsing ${prettyByte(headByte)} at ${totalPos} (${pos} in the current buffer)`);
		} finally {
			this.entered = false;
		}
	}
	decodeArrayStream(stream) {
		return this.decodeMultiAsync(stream, true);
	}
	decodeStream(stream) {
		return this.decodeMultiAsync(stream, false);
	}
	async *decodeMultiAsync(stream, isArray) {
		if (this.entered) {
			yield* this.clone().decodeMultiAsync(stream, isArray);
			return;
		}
		try {
			this.entered = true;
			let isArrayHeaderRequired = isArray;
			let arrayItemsLeft = -1;
			for await (const buffer of stream) {
				if (isArray && arrayItemsLeft === 0) throw this.createExtraByteError(this.totalPos);
				this.appendBuffer(buffer);
				if (isArrayHeaderRequired) {
					arrayItemsLeft = this.readArraySize();
					isArrayHeaderRequired = false;
					this.complete();
				}
				try {
					while (true) {
						yield this.doDecodeSync();
						if (--arrayItemsLeft === 0) break;
					}
				} catch (e) {
					if (!(e instanceof RangeError)) throw e;
				}
				this.totalPos += this.pos;
			}
		} finally {
			this.entered = false;
		}
	}
	doDecodeSync() {
		DECODE: while (true) {
			const headByte = this.readHeadByte();
			let object;
			if (headByte >= 224) object = headByte - 256;
			else if (headByte < 192) {
				if (headByte < 128) object = headByte;
				else if (headByte < 144) {
					const size = headByte - 128;
					if (size !== 0) {
						this.pushMapState(size);
						this.complete();
						continue DECODE;
					} else object = {};
				} else if (headByte < 160) {
					const size = headByte - 144;
					if (size !== 0) {
						this.pushArrayState(size);
						this.complete();
						continue DECODE;
					} else object = [];
				} else {
					const byteLength = headByte - 160;
					object = this.decodeString(byteLength, 0);
				}
			} else if (headByte === 192) object = null;
			else if (headByte === 194) object = false;
			else if (headByte === 195) object = true;
			else if (headByte === 202) object = this.readF32();
			else if (headByte === 203) object = this.readF64();
			else if (headByte === 204) object = this.readU8();
			else if (headByte === 205) object = this.readU16();
			else if (headByte === 206) object = this.readU32();
			else if (headByte === 207) {
				if (this.useBigInt64) object = this.readU64AsBigInt();
				else object = this.readU64();
			} else if (headByte === 208) object = this.readI8();
			else if (headByte === 209) object = this.readI16();
			else if (headByte === 210) object = this.readI32();
			else if (headByte === 211) {
				if (this.useBigInt64) object = this.readI64AsBigInt();
				else object = this.readI64();
			} else if (headByte === 217) {
				const byteLength = this.lookU8();
				object = this.decodeString(byteLength, 1);
			} else if (headByte === 218) {
				const byteLength = this.lookU16();
				object = this.decodeString(byteLength, 2);
			} else if (headByte === 219) {
				const byteLength = this.lookU32();
				object = this.decodeString(byteLength, 4);
			} else if (headByte === 220) {
				const size = this.readU16();
				if (size !== 0) {
					this.pushArrayState(size);
					this.complete();
					continue DECODE;
				} else object = [];
			} else if (headByte === 221) {
				const size = this.readU32();
				if (size !== 0) {
					this.pushArrayState(size);
					this.complete();
					continue DECODE;
				} else object = [];
			} else if (headByte === 222) {
				const size = this.readU16();
				if (size !== 0) {
					this.pushMapState(size);
					this.complete();
					continue DECODE;
				} else object = {};
			} else if (headByte === 223) {
				const size = this.readU32();
				if (size !== 0) {
					this.pushMapState(size);
					this.complete();
					continue DECODE;
				} else object = {};
			} else if (headByte === 196) {
				const size = this.lookU8();
				object = this.decodeBinary(size, 1);
			} else if (headByte === 197) {
				const size = this.lookU16();
				object = this.decodeBinary(size, 2);
			} else if (headByte === 198) {
				const size = this.lookU32();
				object = this.decodeBinary(size, 4);
			} else if (headByte === 212) object = this.decodeExtension(1, 0);
			else if (headByte === 213) object = this.decodeExtension(2, 0);
			else if (headByte === 214) object = this.decodeExtension(4, 0);
			else if (headByte === 215) object = this.decodeExtension(8, 0);
			else if (headByte === 216) object = this.decodeExtension(16, 0);
			else if (headByte === 199) {
				const size = this.lookU8();
				object = this.decodeExtension(size, 1);
			} else if (headByte === 200) {
				const size = this.lookU16();
				object = this.decodeExtension(size, 2);
			} else if (headByte === 201) {
				const size = this.lookU32();
				object = this.decodeExtension(size, 4);
			} else throw new DecodeError(`Unrecognized type byte: ${prettyByte(headByte)}`);
			this.complete();
			const stack = this.stack;
			while (stack.length > 0) {
				const state = stack.top();
				if (state.type === STATE_ARRAY) {
					state.array[state.position] = object;
					state.position++;
					if (state.position === state.size) {
						object = state.array;
						stack.release(state);
					} else continue DECODE;
				} else if (state.type === STATE_MAP_KEY) {
					if (object === "__proto__") throw new DecodeError("The key __proto__ is not allowed");
					state.key = this.mapKeyConverter(object);
					state.type = STATE_MAP_VALUE;
					continue DECODE;
				} else {
					state.map[state.key] = object;
					state.readCount++;
					if (state.readCount === state.size) {
						object = state.map;
						stack.release(state);
					} else {
						state.key = null;
						state.type = STATE_MAP_KEY;
						continue DECODE;
					}
				}
			}
			return object;
		}
	}
	readHeadByte() {
		if (this.headByte === HEAD_BYTE_REQUIRED) this.headByte = this.readU8();
		return this.headByte;
	}
	complete() {
		this.headByte = HEAD_BYTE_REQUIRED;
	}
	readArraySize() {
		const headByte = this.readHeadByte();
		switch (headByte) {
			case 220: return this.readU16();
			case 221: return this.readU32();
			default: if (headByte < 160) return headByte - 144;
			else throw new DecodeError(`Unrecognized array type byte: ${prettyByte(headByte)}`);
		}
	}
	pushMapState(size) {
		if (size > this.maxMapLength) throw new DecodeError(`Max length exceeded: map length (${size}) > maxMapLengthLength (${this.maxMapLength})`);
		this.stack.pushMapState(size);
	}
	pushArrayState(size) {
		if (size > this.maxArrayLength) throw new DecodeError(`Max length exceeded: array length (${size}) > maxArrayLength (${this.maxArrayLength})`);
		this.stack.pushArrayState(size);
	}
	decodeString(byteLength, headerOffset) {
		if (!this.rawStrings || this.stateIsMapKey()) return this.decodeUtf8String(byteLength, headerOffset);
		return this.decodeBinary(byteLength, headerOffset);
	}
	/**
	* @throws {@link RangeError}
	*/
	decodeUtf8String(byteLength, headerOffset) {
		if (byteLength > this.maxStrLength) throw new DecodeError(`Max length exceeded: UTF-8 byte length (${byteLength}) > maxStrLength (${this.maxStrLength})`);
		if (this.bytes.byteLength < this.pos + headerOffset + byteLength) throw MORE_DATA;
		const offset = this.pos + headerOffset;
		let object;
		if (this.stateIsMapKey() && this.keyDecoder?.canBeCached(byteLength)) object = this.keyDecoder.decode(this.bytes, offset, byteLength);
		else object = utf8Decode(this.bytes, offset, byteLength);
		this.pos += headerOffset + byteLength;
		return object;
	}
	stateIsMapKey() {
		if (this.stack.length > 0) return this.stack.top().type === STATE_MAP_KEY;
		return false;
	}
	/**
	* @throws {@link RangeError}
	*/
	decodeBinary(byteLength, headOffset) {
		if (byteLength > this.maxBinLength) throw new DecodeError(`Max length exceeded: bin length (${byteLength}) > maxBinLength (${this.maxBinLength})`);
		if (!this.hasRemaining(byteLength + headOffset)) throw MORE_DATA;
		const offset = this.pos + headOffset;
		const object = this.bytes.subarray(offset, offset + byteLength);
		this.pos += headOffset + byteLength;
		return object;
	}
	decodeExtension(size, headOffset) {
		if (size > this.maxExtLength) throw new DecodeError(`Max length exceeded: ext length (${size}) > maxExtLength (${this.maxExtLength})`);
		const extType = this.view.getInt8(this.pos + headOffset);
		const data = this.decodeBinary(size, headOffset + 1);
		return this.extensionCodec.decode(data, extType, this.context);
	}
	lookU8() {
		return this.view.getUint8(this.pos);
	}
	lookU16() {
		return this.view.getUint16(this.pos);
	}
	lookU32() {
		return this.view.getUint32(this.pos);
	}
	readU8() {
		const value = this.view.getUint8(this.pos);
		this.pos++;
		return value;
	}
	readI8() {
		const value = this.view.getInt8(this.pos);
		this.pos++;
		return value;
	}
	readU16() {
		const value = this.view.getUint16(this.pos);
		this.pos += 2;
		return value;
	}
	readI16() {
		const value = this.view.getInt16(this.pos);
		this.pos += 2;
		return value;
	}
	readU32() {
		const value = this.view.getUint32(this.pos);
		this.pos += 4;
		return value;
	}
	readI32() {
		const value = this.view.getInt32(this.pos);
		this.pos += 4;
		return value;
	}
	readU64() {
		const value = getUint64(this.view, this.pos);
		this.pos += 8;
		return value;
	}
	readI64() {
		const value = getInt64(this.view, this.pos);
		this.pos += 8;
		return value;
	}
	readU64AsBigInt() {
		const value = this.view.getBigUint64(this.pos);
		this.pos += 8;
		return value;
	}
	readI64AsBigInt() {
		const value = this.view.getBigInt64(this.pos);
		this.pos += 8;
		return value;
	}
	readF32() {
		const value = this.view.getFloat32(this.pos);
		this.pos += 4;
		return value;
	}
	readF64() {
		const value = this.view.getFloat64(this.pos);
		this.pos += 8;
		return value;
	}
};
// src/clock.ts
var SAMPLES = 8;
/** This page's own monotonic clock, microseconds. */
function nowUs() {
	return Math.round(performance.now() * 1e3);
}
/** As in NTP: of the last few exchanges the one with the shortest round trip counts (RFC 5905, clock filter). */
var Clock = class {
	/** Server clock minus ours, microseconds; null before the first exchange. */
	offsetUs = null;
	/** Of the exchange that counts, microseconds. */
	roundTripUs = null;
	samples = [];
	reset() {
		this.samples = [];
		this.offsetUs = this.roundTripUs = null;
	}
	/** t0 and t3: our clock at asking and at the answer; t1 and t2: the server's at both. */
	take(t0Us, t1Us, t2Us, t3Us) {
		this.samples.push({
			roundTripUs: t3Us - t0Us - (t2Us - t1Us),
			offsetUs: (t1Us - t0Us + (t2Us - t3Us)) / 2
		});
		if (this.samples.length > SAMPLES) this.samples.shift();
		const best = this.samples.reduce((a, b) => b.roundTripUs < a.roundTripUs ? b : a);
		this.offsetUs = best.offsetUs;
		this.roundTripUs = best.roundTripUs;
	}
};
// src/errors.ts
var MAX_LENGTH = 200;
var ProtocolError = class extends Error {
	code;
	constructor(code, text) {
		super(oneLine(text));
		this.name = "ProtocolError";
		this.code = code;
	}
};
function oneLine(text) {
	const printable = text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "?");
	return printable.length <= MAX_LENGTH ? printable : `${printable.slice(0, 197)}...`;
}
// src/limits.ts
var MAX_BYTES = 1048576;
var MAX_ID = 2 ** 31 - 1;
var MAX_TIME_US = 2 ** 63 - 1;
var MAX_POSE_ID = 2 ** 53 - 1;
var MAX_TEXT_LENGTH = 1024;
var MAX_ITEMS = 1024;
var MAX_SIDE = 65535;
var MAX_FLOOR_M = 1e6;
// src/reader.ts
function isMap(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}
var Reader = class Reader {
	data;
	what;
	constructor(data, what) {
		this.data = data;
		this.what = what;
	}
	fail(code, text) {
		return new ProtocolError(code, `${this.what}: ${text}`);
	}
	has(key) {
		return Object.hasOwn(this.data, key) && this.data[key] !== null && this.data[key] !== void 0;
	}
	raw(key) {
		if (!Object.hasOwn(this.data, key)) throw this.fail("bad_message", `${key} is missing`);
		return this.data[key];
	}
	integer(key, low = 0, high = MAX_TIME_US) {
		const value = this.raw(key);
		if (typeof value !== "number" || !Number.isInteger(value)) throw this.fail("bad_message", `${key} is ${show(value)}; it has to be an integer`);
		if (value < low || value > high) throw this.fail("bad_value", `${key} is ${show(value)}; it has to be from ${low} to ${high}`);
		return value;
	}
	id(key = "id") {
		return this.integer(key, 0, MAX_ID);
	}
	number(key, low, high) {
		const value = this.raw(key);
		if (typeof value !== "number") throw this.fail("bad_message", `${key} is ${show(value)}; it has to be a number`);
		if (!(value >= low && value <= high)) throw this.fail("bad_value", `${key} is ${show(value)}; it has to be from ${low} to ${high}`);
		return value;
	}
	boolean(key, fallback) {
		if (!this.has(key)) return fallback;
		const value = this.raw(key);
		if (typeof value !== "boolean") throw this.fail("bad_message", `${key} is ${show(value)}; it has to be true or false`);
		return value;
	}
	text(key, maxLength = 64, fallback) {
		if (fallback !== void 0 && !this.has(key)) return fallback;
		const value = this.raw(key);
		if (typeof value !== "string") throw this.fail("bad_message", `${key} is ${show(value)}; it has to be a string`);
		if (value.length > maxLength && [...value].length > maxLength) throw this.fail("bad_value", `${key} has ${value.length} characters; at most ${maxLength}`);
		return value;
	}
	choice(key, options, fallback) {
		const value = this.text(key, 64, fallback);
		const found = options.find((option) => option === value);
		if (found === void 0) throw this.fail("bad_value", `${key} is ${show(value)}; one of ${options.join(", ")}`);
		return found;
	}
	items(key, maxItems) {
		const value = this.raw(key);
		if (!Array.isArray(value)) throw this.fail("bad_message", `${key} is ${show(value)}; it has to be an array`);
		if (value.length > maxItems) throw this.fail("bad_value", `${key} has ${value.length} elements; at most ${maxItems}`);
		return value;
	}
	integers(key, maxItems, low, high) {
		return this.items(key, maxItems).map((value) => {
			if (typeof value !== "number" || !Number.isInteger(value) || value < low || value > high) throw this.fail("bad_value", `${key} holds ${show(value)}; integers from ${low} to ${high}`);
			return value;
		});
	}
	texts(key, maxItems) {
		return this.items(key, maxItems).map((value) => {
			if (typeof value !== "string" || [...value].length > 64) throw this.fail("bad_value", `${key} holds ${show(value)}; strings of at most 64 characters`);
			return value;
		});
	}
	maps(key, maxItems, what) {
		return this.items(key, maxItems).map((value) => {
			if (!isMap(value)) throw this.fail("bad_message", `${key} holds ${show(value)}; it has to hold maps`);
			return new Reader(value, what);
		});
	}
	map(key, what) {
		const value = this.raw(key);
		if (!isMap(value)) throw this.fail("bad_message", `${key} is ${show(value)}; it has to be a map`);
		return new Reader(value, what);
	}
};
/** A value for an error message: short whatever it is. */
function show(value) {
	if (Array.isArray(value)) return "an array";
	if (ArrayBuffer.isView(value)) return "bytes";
	if (typeof value === "object" && value !== null) return "a map";
	if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 37)}...` : value);
	return String(value).slice(0, 40);
}
// src/messages.ts
var FIELDS = [
	"image",
	"world",
	"bones",
	"rest",
	"angles",
	"image_raw",
	"world_raw"
];
// src/poses.ts
var F16_TO_F32 = makeHalfTable();
var IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
function readPose(reader, dtype) {
	const landmarks = (key) => rows(reader, key, dtype, 33, 4);
	const [image, world, image_raw, world_raw] = [
		"image",
		"world",
		"image_raw",
		"world_raw"
	].map(landmarks);
	const bones = rows(reader, "bones", dtype, 64, 4);
	const rest = rows(reader, "rest", dtype, 64, 3);
	sameRows(reader, "image", image, 4, "world", world, 4);
	sameRows(reader, "image", image, 4, "image_raw", image_raw, 4);
	sameRows(reader, "world", world, 4, "world_raw", world_raw, 4);
	sameRows(reader, "bones", bones, 4, "rest", rest, 3);
	const count = bones ? bones.length / 4 : 0;
	return {
		id: reader.integer("id", 0, MAX_POSE_ID),
		score: reader.number("score", 0, 1),
		image,
		world,
		image_raw,
		world_raw,
		bones,
		root: bones ? numbers(reader, "root", dtype, 3, 3) : null,
		held: bones && reader.has("held") ? reader.integers("held", count, 0, count - 1) : [],
		contact: bones && reader.has("contact") ? contact(reader) : [false, false],
		floor: bones && reader.has("floor") ? reader.number("floor", -MAX_FLOOR_M, MAX_FLOOR_M) : null,
		rest,
		angles: reader.has("angles") ? numbers(reader, "angles", dtype, 1, 64, true) : null
	};
}
function rows(reader, key, dtype, mostRows, columns) {
	if (!reader.has(key)) return null;
	const value = reader.raw(key);
	if (value instanceof Uint8Array) {
		const rowBytes = columns * itemBytes(dtype);
		const count = value.length / rowBytes;
		if (!Number.isInteger(count) || count < 1 || count > mostRows) throw reader.fail("bad_value", `${key} has ${value.length} bytes; 1 to ${mostRows} rows of ${rowBytes}`);
		return finite(reader, key, fromBytes(value, dtype));
	}
	const lists = reader.items(key, mostRows);
	const isRow = (row) => Array.isArray(row) && row.length === columns && row.every(isNumber);
	if (!lists.length || !lists.every(isRow)) throw reader.fail("bad_value", `${key} has to hold 1 to ${mostRows} rows of ${columns} numbers`);
	return finite(reader, key, Float32Array.from(lists.flat()));
}
function numbers(reader, key, dtype, least, most, mayBeNan = false) {
	const value = reader.raw(key);
	if (value instanceof Uint8Array) {
		const count = value.length / itemBytes(dtype);
		if (!Number.isInteger(count) || count < least || count > most) throw reader.fail("bad_value", `${key} has ${value.length} bytes; ${least} to ${most} numbers of ${itemBytes(dtype)}`);
		return finite(reader, key, fromBytes(value, dtype), mayBeNan);
	}
	const items = reader.items(key, most).map((item) => mayBeNan && item === null ? NaN : item);
	if (items.length < least || !items.every(isNumber)) throw reader.fail("bad_value", `${key} has to hold ${least} to ${most} numbers`);
	return finite(reader, key, Float32Array.from(items), mayBeNan);
}
function isNumber(value) {
	return typeof value === "number";
}
function itemBytes(dtype) {
	return dtype === "f16" ? 2 : 4;
}
function fromBytes(bytes, dtype) {
	const { buffer, byteOffset, byteLength } = bytes;
	const view = new DataView(buffer, byteOffset, byteLength);
	if (dtype === "f16") return Float32Array.from({ length: byteLength / 2 }, (_, i) => F16_TO_F32[view.getUint16(2 * i, true)]);
	if (IS_LITTLE_ENDIAN) return new Float32Array(byteOffset % 4 ? bytes.slice().buffer : buffer, byteOffset % 4 ? 0 : byteOffset, byteLength / 4);
	return Float32Array.from({ length: byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true));
}
function finite(reader, key, array, mayBeNan = false) {
	for (const value of array) if (!Number.isFinite(value) && !(mayBeNan && Number.isNaN(value))) throw reader.fail("bad_value", `${key} holds a number that isn't finite`);
	return array;
}
function sameRows(reader, one, a, aColumns, other, b, bColumns) {
	if (a && b && a.length / aColumns !== b.length / bColumns) throw reader.fail("bad_value", `${one} has ${a.length / aColumns} rows, ${other} ${b.length / bColumns}; they have to be as many`);
}
function contact(reader) {
	const feet = reader.items("contact", 2);
	if (feet.length !== 2 || typeof feet[0] !== "boolean" || typeof feet[1] !== "boolean") throw reader.fail("bad_message", "contact has to hold two booleans, left and right");
	return [feet[0], feet[1]];
}
function makeHalfTable() {
	const table = /* @__PURE__ */ new Float32Array(65536);
	for (let bits = 0; bits < 65536; bits++) {
		const sign = bits & 32768 ? -1 : 1;
		const exponent = bits >> 10 & 31;
		const fraction = bits & 1023;
		if (exponent === 0) table[bits] = sign * fraction * 2 ** -24;
		else if (exponent === 31) table[bits] = fraction ? NaN : sign * Infinity;
		else table[bits] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
	}
	return table;
}
// src/schema.ts
var STATES = [
	"live",
	"lost",
	"ended"
];
/** `dtypes`: of the frames by subscription id, f32 where it isn't told. */
function fromMap(data, dtypes) {
	const kind = new Reader(data, "message").text("type");
	const reader = new Reader(data, kind);
	switch (kind) {
		case "hello": return hello(reader);
		case "subscribed": return subscribed(reader);
		case "frame": return frame(reader, dtypes);
		case "time": return time(reader);
		case "status": return status(reader);
		case "dropped": return dropped(reader);
		case "error": return refusal(reader);
		default: throw new ProtocolError("unknown_type", `unknown message type ${show(kind)}`);
	}
}
function hello(reader) {
	return {
		type: "hello",
		version: reader.integer("version", 1, 1e6),
		server: reader.text("server", MAX_TEXT_LENGTH),
		now_us: reader.integer("now_us"),
		streams: reader.maps("streams", 64, "stream").map(streamInfo),
		skeleton: skeleton(reader.map("skeleton", "skeleton")),
		bones: reader.has("bones") ? bones(reader.map("bones", "bones")) : null,
		angles: reader.has("angles") ? reader.texts("angles", 64) : []
	};
}
function skeleton(reader) {
	const landmarks = reader.texts("landmarks", MAX_ITEMS);
	const isIndex = (value) => Number.isInteger(value) && value >= 0 && value < landmarks.length;
	return {
		landmarks,
		edges: reader.items("edges", MAX_ITEMS).map((edge) => {
			if (!Array.isArray(edge) || edge.length !== 2 || !edge.every(isIndex)) throw reader.fail("bad_value", `edges holds ${show(edge)}; pairs of indices below ${landmarks.length}`);
			return [edge[0], edge[1]];
		})
	};
}
function bones(reader) {
	const names = reader.texts("names", 64);
	const parents = reader.integers("parents", 64, -1, 63);
	const rest = reader.items("rest", 64);
	if (names.length !== parents.length || names.length !== rest.length) throw reader.fail("bad_value", `${names.length} names, ${parents.length} parents, ${rest.length} rest offsets`);
	parents.forEach((parent, index) => {
		if (parent >= index) throw reader.fail("bad_value", `the parent of bone ${index} is ${parent}; it has to come before it`);
	});
	const offsets = rest.map((item) => {
		if (!Array.isArray(item) || item.length !== 3 || !item.every(Number.isFinite)) throw reader.fail("bad_value", `rest holds ${show(item)}; 3 finite numbers each`);
		return [
			item[0],
			item[1],
			item[2]
		];
	});
	return names.length ? {
		names,
		parents,
		rest: offsets
	} : null;
}
function streamInfo(reader) {
	return {
		id: reader.text("id"),
		width: reader.integer("width", 0, MAX_SIDE),
		height: reader.integer("height", 0, MAX_SIDE),
		fps: reader.number("fps", 0, 1e6),
		engine: reader.text("engine"),
		model: reader.text("model"),
		people: reader.has("people") ? reader.integer("people", 1, 8) : 1,
		smoothing: reader.text("smoothing", void 0, "none"),
		state: reader.choice("state", STATES, "live"),
		mirror: reader.boolean("mirror", false),
		preview: reader.boolean("preview", false),
		node: reader.text("node", void 0, ""),
		clock_error_us: reader.has("clock_error_us") ? reader.integer("clock_error_us") : null
	};
}
function subscribed(reader) {
	const landmarks = reader.integers("landmarks", 33, 0, 32);
	if (!landmarks.length || new Set(landmarks).size < landmarks.length) throw reader.fail("bad_value", "landmarks is empty or names a landmark twice");
	return {
		type: "subscribed",
		id: reader.id(),
		stream: reader.text("stream"),
		fields: fields(reader),
		landmarks,
		dtype: reader.choice("dtype", ["f32", "f16"])
	};
}
function fields(reader) {
	const names = reader.texts("fields", 16).map((name) => {
		const field = FIELDS.find((known) => known === name);
		if (!field) throw reader.fail("unknown_field", `no field ${show(name)}; any of ${FIELDS.join(", ")}`);
		return field;
	});
	if (!names.length || new Set(names).size < names.length) throw reader.fail("bad_value", "fields is empty or names a field twice");
	return names;
}
function frame(reader, dtypes) {
	const id = reader.id();
	const size = reader.integers("size", 2, 0, MAX_SIDE);
	if (size.length !== 2) throw reader.fail("bad_value", "size has to be [width, height]");
	const dtype = dtypes.get(id) ?? "f32";
	return {
		type: "frame",
		id,
		stream: reader.text("stream"),
		seq: reader.integer("seq"),
		t_us: reader.integer("t_us"),
		sent_us: reader.integer("sent_us"),
		size: [size[0], size[1]],
		poses: reader.maps("poses", 8, "pose").map((pose) => readPose(pose, dtype))
	};
}
function time(reader) {
	if (reader.has("t1_us") !== reader.has("t2_us")) throw reader.fail("bad_message", "t1_us and t2_us have to come together");
	return {
		type: "time",
		t0_us: reader.integer("t0_us"),
		t1_us: reader.has("t1_us") ? reader.integer("t1_us") : null,
		t2_us: reader.has("t2_us") ? reader.integer("t2_us") : null
	};
}
function status(reader) {
	return {
		type: "status",
		stream: reader.text("stream"),
		state: reader.choice("state", STATES),
		detail: reader.text("detail", MAX_TEXT_LENGTH, ""),
		t_us: reader.integer("t_us"),
		info: reader.has("info") ? streamInfo(reader.map("info", "info")) : null,
		gone: reader.boolean("gone", false)
	};
}
function dropped(reader) {
	return {
		type: "dropped",
		id: reader.id(),
		stream: reader.text("stream"),
		total: reader.integer("total")
	};
}
function refusal(reader) {
	return {
		type: "error",
		code: reader.text("code"),
		message: reader.text("message", MAX_TEXT_LENGTH),
		id: reader.has("id") ? reader.id() : null
	};
}
// src/codec.ts
var NO_DTYPES = /* @__PURE__ */ new Map();
var decoder = new Decoder({
	extensionCodec: refuseExtensions(),
	maxStrLength: MAX_BYTES,
	maxBinLength: MAX_BYTES,
	maxArrayLength: MAX_BYTES,
	maxMapLength: MAX_BYTES
});
/**
* The message in `data`: bytes are msgpack, a string is JSON. Throws ProtocolError and nothing else.
*
* `dtypes` tells the dtype of frames by subscription id, as `subscribed` did; f32 where it doesn't.
*/
function decode(data, dtypes = NO_DTYPES) {
	if (data.length > 1048576) throw new ProtocolError("too_large", `message of ${data.length} bytes; at most ${MAX_BYTES}`);
	return fromMap(readMap(data), dtypes);
}
function readMap(data) {
	let value;
	try {
		value = typeof data === "string" ? JSON.parse(data) : decoder.decode(data);
	} catch (error) {
		throw new ProtocolError("malformed", `not ${typeof data === "string" ? "JSON" : "msgpack"}: ${error instanceof Error ? error.message : error}`);
	}
	if (!isMap(value)) throw new ProtocolError("malformed", "a message has to be a map");
	checkDepth(value);
	return value;
}
function checkDepth(root) {
	let level = [root];
	for (let depth = 0; depth < 8; depth++) {
		level = level.flatMap((value) => Array.isArray(value) ? value : Object.values(value)).filter(isContainer);
		if (!level.length) return;
	}
	throw new ProtocolError("too_deep", `nested deeper than 8`);
}
function isContainer(value) {
	return Array.isArray(value) || isMap(value);
}
function refuseExtensions() {
	const codec = new ExtensionCodec();
	codec.register({
		type: -1,
		encode: () => null,
		decode: refuse
	});
	return codec;
	function refuse() {
		throw new Error("extension types aren't used");
	}
}
// src/patience.ts
var MAX_RETRY_AFTER_S = 60;
/** The Retry-After of an answer, milliseconds, at most a minute; 0 where it isn't said in seconds. */
function retryAfterMs(headers) {
	const text = headers.get("retry-after") ?? "";
	return /^\d+$/.test(text) ? 1e3 * Math.min(Number(text), MAX_RETRY_AFTER_S) : 0;
}
// src/streams.ts
/** The list after the news of a stream; one that is new comes last. */
function follow(streams, { stream, info, gone }) {
	if (gone) return streams.filter(({ id }) => id !== stream);
	if (!info) return streams;
	if (streams.some(({ id }) => id === stream)) return streams.map((known) => known.id === stream ? info : known);
	return streams.length < 64 ? [...streams, info] : streams;
}
// src/subscription.ts
var Subscription = class {
	id;
	wish;
	send;
	forget;
	/** The newest frame, null before the first and after a connection was lost. */
	frame = null;
	/** When it came, on performance.now's clock. */
	frameMs = 0;
	/** Its age when it came: from capture to here, ms; null as long as the clocks aren't in step. */
	latencyMs = null;
	/** Received since the subscription was made, and how many bytes they had. */
	frames = 0;
	bytes = 0;
	/** Frames that this connection was too slow for, as the server counts them. */
	dropped = 0;
	/** The server's answer: landmarks in the order of the arrays' rows. */
	answer = null;
	/** The server's reason where it said no. */
	refusal = null;
	onframe = () => {};
	unanswered = 0;
	constructor(id, wish, send, forget) {
		this.id = id;
		this.wish = wish;
		this.send = send;
		this.forget = forget;
	}
	/** Ask for something else instead. */
	change(wish) {
		this.wish = wish;
		this.clear();
		this.ask();
	}
	/** No frame comes any more. */
	end() {
		this.onframe = () => {};
		this.send({
			type: "unsubscribe",
			id: this.id
		});
		this.forget();
	}
	/** For the client: send the wish. */
	ask() {
		this.refusal = null;
		if (this.send({
			type: "subscribe",
			id: this.id,
			...this.wish
		})) this.unanswered += 1;
	}
	/** For the client: whether this connection knows of it. */
	get isAsked() {
		return this.unanswered > 0 || this.answer !== null || this.refusal !== null;
	}
	/** For the client: whether it is refused for want of this stream. */
	misses(stream) {
		return this.refusal?.code === "unknown_stream" && this.wish.stream === stream;
	}
	/** For the client: the server agreed. */
	begin(answer) {
		if (this.unanswered) this.unanswered -= 1;
		if (this.unanswered) return;
		this.answer = answer;
		this.refusal = null;
	}
	/** For the client: the server said no. */
	refuse(refusal) {
		if (this.unanswered) this.unanswered -= 1;
		if (this.unanswered) return;
		this.clear();
		this.refusal = refusal;
	}
	/** For the client: a frame came. */
	take(frame, bytes, serverNowUs) {
		if (!this.answer || this.unanswered) return;
		this.frame = frame;
		this.frameMs = performance.now();
		this.latencyMs = serverNowUs === null ? null : (serverNowUs - frame.t_us) / 1e3;
		this.frames += 1;
		this.bytes += bytes;
		this.onframe(frame);
	}
	/** For the client: what the server says was dropped. */
	lose(total) {
		this.dropped = total;
	}
	/** For the client: the connection is gone. */
	reset() {
		this.clear();
		this.refusal = null;
		this.unanswered = 0;
	}
	clear() {
		this.frame = null;
		this.frameMs = 0;
		this.latencyMs = null;
		this.dropped = 0;
		this.answer = null;
	}
};
// src/client.ts
var SUBPROTOCOL = "posewire.v1.msgpack";
var FIRST_BACKOFF_MS = 250;
var MAX_BACKOFF_MS = 5e3;
var NOT_NOW = [408, 429];
var SILENCE_MS = 5e3;
var FIRST_SYNCS = 5;
var FIRST_SYNC_MS = 60;
var SYNC_MS = 2e3;
var PosewireClient = class {
	state = "connecting";
	/** Why it is lost or refused, in the server's words where it has any. */
	reason = "";
	/** Of a loss; null otherwise. */
	cause = null;
	/** The words in `reason` that are the server's own, or those of what can't be read; "" where there are none. */
	detail = "";
	/** Of a refusal, or of a server that is unavailable; 0 otherwise. */
	httpStatus = 0;
	/** When the next attempt comes, on performance.now's clock. */
	retryAtMs = 0;
	token;
	/** What the server offers; its `streams` follow those that come and go. */
	hello = null;
	clock = new Clock();
	subscriptions = /* @__PURE__ */ new Map();
	/** After every change of state, of a stream's status or of a subscription. */
	onchange = () => {};
	/** After each `hello`, before subscriptions go out: whoever follows a stream by name can choose another. */
	onhello = () => {};
	base;
	statuses = /* @__PURE__ */ new Map();
	dtypes = /* @__PURE__ */ new Map();
	socket = null;
	backoffMs = FIRST_BACKOFF_MS;
	retryTimer;
	syncTimer;
	/** Since when nothing has come that was asked for; null where nothing is awaited. */
	silentSinceMs = null;
	attempt = 0;
	nextId = 1;
	/** url: of the server, as `ws://HOST:PORT` or as its page's `http://HOST:PORT`. It connects at once. */
	constructor(url, token = null) {
		const { protocol, host, pathname, searchParams } = new URL(url);
		if (!/^(http|ws)s?:$/.test(protocol)) throw new TypeError(`${url} is no server's address; it is like ws://HOST:PORT`);
		this.base = `${protocol.replace("http", "ws")}//${host}${pathname.replace(/\/(stream)?$/, "")}`;
		this.token = token ?? searchParams.get("token");
		this.connect();
	}
	/** Of the stream, with the token. */
	get address() {
		return `${this.base}/stream${this.query}`;
	}
	/** What the server has said of a stream last; of one that is gone only where a subscription names it. */
	status(stream) {
		return this.statuses.get(stream) ?? null;
	}
	info(stream) {
		return this.hello?.streams.find(({ id }) => id === stream) ?? null;
	}
	/** Now on the server's clock, microseconds; null before the clocks are in step. */
	get serverNowUs() {
		return this.clock.offsetUs === null ? null : nowUs() + this.clock.offsetUs;
	}
	/** Ask for frames. It is asked again after every reconnection, until `end`. */
	subscribe(wish = {}) {
		const subscription = new Subscription(this.nextId++, wish, (message) => this.send(message), () => this.forget(subscription));
		this.subscriptions.set(subscription.id, subscription);
		if (this.state === "live") subscription.ask();
		return subscription;
	}
	/** At once instead of at the end of the wait; with another token where one is given. */
	reconnect(token = this.token) {
		this.token = token;
		this.backoffMs = FIRST_BACKOFF_MS;
		this.change("connecting");
		this.connect();
	}
	close() {
		this.leave();
		this.change("off");
	}
	get query() {
		return this.token ? `?token=${encodeURIComponent(this.token)}` : "";
	}
	forget(subscription) {
		this.subscriptions.delete(subscription.id);
		this.dtypes.delete(subscription.id);
	}
	connect() {
		this.leave();
		const socket = new WebSocket(this.address, SUBPROTOCOL);
		this.socket = socket;
		socket.binaryType = "arraybuffer";
		socket.onmessage = ({ data }) => this.receive(data);
		socket.onclose = ({ reason }) => {
			if (this.state === "live") this.retry("closed", reason ? `Closed by the server: ${reason}` : "The connection ended", reason);
			else this.explain();
		};
		this.syncTimer = setTimeout(() => this.retry("unanswered", `No answer for ${SILENCE_MS / 1e3} s`), SILENCE_MS);
	}
	leave() {
		this.attempt += 1;
		clearTimeout(this.retryTimer);
		clearTimeout(this.syncTimer);
		if (this.socket) {
			this.socket.onmessage = this.socket.onclose = null;
			this.socket.close();
			this.socket = null;
		}
		this.silentSinceMs = null;
		this.clock.reset();
		this.dtypes.clear();
		for (const subscription of this.subscriptions.values()) subscription.reset();
	}
	retry(cause, reason, detail = "") {
		this.schedule();
		this.change("lost", reason, detail, cause);
	}
	schedule() {
		this.leave();
		const delayMs = this.backoffMs * (1 - Math.random() / 2);
		this.backoffMs = Math.min(2 * this.backoffMs, MAX_BACKOFF_MS);
		this.retryIn(delayMs);
	}
	retryIn(delayMs) {
		clearTimeout(this.retryTimer);
		this.retryAtMs = performance.now() + delayMs;
		this.retryTimer = setTimeout(() => this.connect(), delayMs);
	}
	async explain() {
		this.leave();
		const { attempt } = this;
		const answer = await this.askWhy();
		if (attempt !== this.attempt) return;
		if (answer && answer.status >= 400 && answer.status < 500 && !NOT_NOW.includes(answer.status)) {
			this.change("refused", answer.detail, answer.detail, null, answer.status);
			return;
		}
		this.schedule();
		if (answer?.detail) {
			if (performance.now() + answer.retryAfterMs > this.retryAtMs) this.retryIn(answer.retryAfterMs);
			this.change("lost", answer.detail, answer.detail, "unavailable", answer.status);
		} else if (answer) this.change("lost", "The server closed the connection", "", "closed");
		else this.change("lost", this.outOfReach, "", "unreachable");
	}
	get outOfReach() {
		return new URL(this.httpBase).origin === globalThis.location?.origin ? "The server is out of reach" : "The server is out of reach, or doesn't let pages of this address connect (--allow-origin)";
	}
	get httpBase() {
		return this.base.replace(/^ws/, "http");
	}
	async askWhy() {
		try {
			const answer = await fetch(`${this.httpBase}/streams${this.query}`, { signal: AbortSignal.timeout(3e3) });
			const problem = answer.ok ? {} : await answer.json();
			return {
				status: answer.status,
				detail: problem.detail ?? "",
				retryAfterMs: retryAfterMs(answer.headers)
			};
		} catch {
			return null;
		}
	}
	send(message) {
		if (this.socket?.readyState !== WebSocket.OPEN) return false;
		this.socket.send(encode(message));
		return true;
	}
	receive(data) {
		const bytes = typeof data === "string" ? data.length : data.byteLength;
		let message;
		try {
			message = decode(typeof data === "string" ? data : new Uint8Array(data), this.dtypes);
		} catch (error) {
			if (!(error instanceof ProtocolError)) throw error;
			if (error.code === "unknown_type") return;
			this.backoffMs = MAX_BACKOFF_MS;
			this.retry("unreadable", `The server sent what can't be read: ${error.message}`, error.message);
			return;
		}
		this.silentSinceMs = null;
		this.handle(message, bytes);
	}
	handle(message, bytes) {
		switch (message.type) {
			case "hello":
				this.hello = message;
				this.statuses.clear();
				for (const { id, state } of message.streams) this.statuses.set(id, {
					type: "status",
					stream: id,
					state,
					detail: "",
					t_us: message.now_us,
					info: null,
					gone: false
				});
				this.backoffMs = FIRST_BACKOFF_MS;
				this.sync(1);
				this.onhello(message);
				for (const subscription of this.subscriptions.values()) if (!subscription.isAsked) subscription.ask();
				this.change("live");
				break;
			case "subscribed":
				this.dtypes.set(message.id, message.dtype);
				this.subscriptions.get(message.id)?.begin(message);
				this.onchange();
				break;
			case "frame":
				this.subscriptions.get(message.id)?.take(message, bytes, this.serverNowUs);
				break;
			case "status":
				this.take(message);
				this.onchange();
				break;
			case "dropped":
				this.subscriptions.get(message.id)?.lose(message.total);
				break;
			case "time":
				if (message.t1_us !== null && message.t2_us !== null) this.clock.take(message.t0_us, message.t1_us, message.t2_us, nowUs());
				break;
			case "error":
				if (message.id !== null) this.subscriptions.get(message.id)?.refuse(message);
				this.onchange();
		}
	}
	take(status) {
		const { stream, info, gone } = status;
		const subscriptions = [...this.subscriptions.values()];
		if (gone && !subscriptions.some(({ wish }) => wish.stream === stream)) this.statuses.delete(stream);
		else this.statuses.set(stream, status);
		if (!this.hello || !(info || gone)) return;
		this.hello = {
			...this.hello,
			streams: follow(this.hello.streams, status)
		};
		if (info) {
			for (const subscription of subscriptions) if (subscription.misses(stream)) subscription.ask();
		}
	}
	sync(count) {
		clearTimeout(this.syncTimer);
		const nowMs = performance.now();
		if (this.silentSinceMs !== null && nowMs - this.silentSinceMs > SILENCE_MS) {
			this.retry("silent", `Nothing came for ${SILENCE_MS / 1e3} s`);
			return;
		}
		this.silentSinceMs ??= nowMs;
		this.send({
			type: "time",
			t0_us: nowUs()
		});
		this.syncTimer = setTimeout(() => this.sync(count + 1), count < FIRST_SYNCS ? FIRST_SYNC_MS : SYNC_MS);
	}
	change(state, reason = "", detail = "", cause = null, httpStatus = 0) {
		this.state = state;
		this.reason = reason;
		this.detail = detail;
		this.cause = cause;
		this.httpStatus = httpStatus;
		this.onchange();
	}
};
export { Clock, PosewireClient, ProtocolError, Subscription, decode, nowUs, retryAfterMs };
